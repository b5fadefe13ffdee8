//! A real IRC server on the loopback interface, for as long as a test runs.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long the server may take to accept connections.
const START: Duration = Duration::from_secs(10);

/// A running ngircd; dropped, it ends.
pub(crate) struct Server {
    process: Child,
    pub(crate) port: u16,
}

impl Server {
    /// Starts a server that keeps its files in `folder`.
    pub(crate) fn start(folder: &Path) -> Self {
        // A port that is free now may be taken before the server binds it: then, another one.
        for _ in 0..5 {
            let port = free_port();
            if let Some(server) = Self::start_on(port, folder) {
                return server;
            }
        }
        let log = fs::read_to_string(folder.join("ngircd.log")).unwrap_or_default();
        panic!("ngircd does not start:\n{log}");
    }

    fn start_on(port: u16, folder: &Path) -> Option<Self> {
        let configuration = folder.join("ngircd.conf");
        fs::write(&configuration, configuration_for(port)).expect("the scratch folder is ours");
        let log = File::create(folder.join("ngircd.log")).expect("the scratch folder is ours");
        let process = Command::new(program())
            .arg("--nodaemon")
            .arg("--config")
            .arg(&configuration)
            .stdin(Stdio::null())
            .stderr(log.try_clone().expect("a file can be shared"))
            .stdout(log)
            .spawn()
            .expect("ngircd can be started");
        let mut server = Self { process, port };
        let began = Instant::now();
        while began.elapsed() < START {
            if server.process.try_wait().is_ok_and(|exit| exit.is_some()) {
                return None;
            }
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return Some(server);
            }
            thread::sleep(Duration::from_millis(50));
        }
        None
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program() -> PathBuf {
    // Debian puts it where only root's search path leads.
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin")])
        .map(|folder| folder.join("ngircd"))
        .find(|file| file.is_file())
        .unwrap_or_else(|| {
            panic!(
                "this test talks through a real IRC server, and ngircd is not installed: \
                 apt-get install --no-install-recommends ngircd"
            )
        })
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has free ports");
    listener.local_addr().expect("it is bound").port()
}

/// No look-ups, no limits on connections, and no penalty for lines that come fast: the test
/// measures the protocol's time, not the server's patience.
fn configuration_for(port: u16) -> String {
    format!(
        "[Global]
         Name = irc.test
         Info = keyrota test
         AdminInfo1 = none
         AdminEMail = root@localhost
         Listen = 127.0.0.1
         Ports = {port}
         MotdPhrase = welcome
         ServerGID = irc
         ServerUID = irc
         [Limits]
         MaxConnectionsIP = 0
         MaxPenaltyTime = 0
         MaxNickLength = 16
         PingTimeout = 5
         PongTimeout = 20
         [Options]
         DNS = no
         Ident = no
         PAM = no
         "
    )
}
