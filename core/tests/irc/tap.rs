//! A proxy that passes everything on and keeps a copy: what an eavesdropper on the line,
//! or the server itself, gets to see.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// One direction of one connection, from its beginning.
type Stream = Arc<Mutex<Vec<u8>>>;

/// A proxy on a port of its own.
pub(crate) struct Tap {
    pub(crate) port: u16,
    streams: Arc<Mutex<Vec<Stream>>>,
}

impl Tap {
    /// Passes connections on to `server`, a port of the loopback interface.
    pub(crate) fn before(server: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let streams = Arc::<Mutex<Vec<Stream>>>::default();
        let kept = Arc::clone(&streams);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)) else {
                    return;
                };
                let other_ways = (client.try_clone(), server.try_clone());
                let (Ok(client_too), Ok(server_too)) = other_ways else {
                    return;
                };
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.push(pass_on(client, server));
                kept.push(pass_on(server_too, client_too));
            }
        });
        Self { port, streams }
    }

    /// Copies of all streams so far.
    pub(crate) fn streams(&self) -> Vec<Vec<u8>> {
        let streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let copy = |stream: &Stream| {
            let bytes = stream.lock().unwrap_or_else(PoisonError::into_inner);
            bytes.clone()
        };
        streams.iter().map(copy).collect()
    }
}

fn pass_on(mut from: TcpStream, mut to: TcpStream) -> Stream {
    let copy = Stream::default();
    let kept = Arc::clone(&copy);
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        loop {
            let length = from.read(&mut buffer).unwrap_or(0);
            kept.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend_from_slice(&buffer[..length]);
            // The end of one side is the end for the other.
            if length == 0 || to.write_all(&buffer[..length]).is_err() {
                let _ = to.shutdown(Shutdown::Both);
                return;
            }
        }
    });
    copy
}
