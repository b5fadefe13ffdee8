//! The folder of the IRC example: who the user is, and what the terminal remembers (R-KEY-1).

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use keyrota::Identity;
use zeroize::Zeroizing;

/// How long a certificate made here is valid, in seconds: ten years.
const LIFETIME: u32 = 10 * 365 * 86_400;

/// A folder that only its user can read.
pub(crate) struct Home {
    folder: PathBuf,
}

impl Home {
    /// Opens the folder, and makes it if it is not there.
    ///
    /// # Errors
    /// A sentence for the user.
    pub(crate) fn open(folder: &Path) -> Result<Self, String> {
        fs::create_dir_all(folder).map_err(|error| about(folder, &error))?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// The user's identity; upon the first call a new one, certified to be `name`.
    ///
    /// # Errors
    /// A sentence for the user.
    pub(crate) fn identity(&self, name: &str, unix: u64) -> Result<Identity, String> {
        let file = self.folder.join("identity");
        match fs::read(&file).map(Zeroizing::new) {
            Ok(bytes) => Identity::from_bytes(&bytes).map_err(|error| about(&file, &error)),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let identity = Identity::self_signed(&*random()?, name, unix, LIFETIME)
                    .map_err(|error| format!("cannot make an identity for {name}: {error}"))?;
                let written = create_private(&file)
                    .and_then(|mut created| created.write_all(&identity.to_bytes()));
                written.map_err(|error| about(&file, &error))?;
                Ok(identity)
            }
            Err(error) => Err(about(&file, &error)),
        }
    }

    /// What the terminal remembers from the last time.
    ///
    /// # Errors
    /// A sentence for the user.
    pub(crate) fn state(&self) -> Result<Option<Zeroizing<Vec<u8>>>, String> {
        let file = self.folder.join("state");
        match fs::read(&file) {
            Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(about(&file, &error)),
        }
    }

    /// Keeps what the terminal is to remember.
    ///
    /// # Errors
    /// A sentence for the user.
    pub(crate) fn keep(&self, state: &[u8]) -> Result<(), String> {
        let (file, beside) = (self.folder.join("state"), self.folder.join("state.new"));
        // Written beside and moved: a crash leaves the old state or the new one.
        let left_behind = fs::remove_file(&beside);
        if left_behind.as_ref().is_err_and(|error| error.kind() != ErrorKind::NotFound) {
            return left_behind.map_err(|error| about(&beside, &error));
        }
        let written = create_private(&beside)
            .and_then(|mut created| created.write_all(state).and_then(|()| created.sync_all()))
            .and_then(|()| fs::rename(&beside, &file));
        written.map_err(|error| about(&file, &error))
    }
}

/// 32 bytes from the operating system's generator.
///
/// # Errors
/// A sentence for the user.
pub(crate) fn random() -> Result<Zeroizing<[u8; 32]>, String> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *bytes).map_err(|error| format!("no randomness to be had: {error}"))?;
    Ok(bytes)
}

/// A new file that only its owner can read.
fn create_private(file: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}

fn about(file: &Path, error: &impl std::fmt::Display) -> String {
    format!("{}: {error}", file.display())
}
