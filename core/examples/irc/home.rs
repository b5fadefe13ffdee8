//! The folder of the IRC example: who the user is, and whose names are pinned (R-KEY-1).

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use keyrota::spec::{MemberId, Name};
use keyrota::{Authentication, Identity, Pin};
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

    /// Whose names were pinned to whose keys before.
    ///
    /// # Errors
    /// A sentence for the user.
    pub(crate) fn pins(&self) -> Result<Authentication, String> {
        let file = self.folder.join("pins");
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(about(&file, &error)),
        };
        let mut authentication = Authentication::default();
        for line in text.lines() {
            let (name, pin) =
                pin(line).ok_or_else(|| about(&file, &format!("{line:?} is no pin")))?;
            authentication.pin(name, pin);
        }
        Ok(authentication)
    }

    /// Keeps the pins for the next time.
    ///
    /// # Errors
    /// A sentence for the user.
    pub(crate) fn keep_pins(&self, authentication: &Authentication) -> Result<(), String> {
        let own = authentication.pins().filter(|(_, pin)| pin.by.is_none());
        let lines = own.map(|(name, pin)| format!("{} {}\n", pin.member, name.as_str()));
        let file = self.folder.join("pins");
        // Written beside and moved: a crash leaves the old pins or the new ones.
        let beside = self.folder.join("pins.new");
        fs::write(&beside, lines.collect::<String>())
            .and_then(|()| fs::rename(&beside, &file))
            .map_err(|error| about(&file, &error))
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

/// Reads a line of [`Home::keep_pins`].
fn pin(line: &str) -> Option<(Name, Pin)> {
    let (member, name) = line.split_once(' ')?;
    let id = u128::from_str_radix(member, 16).ok()?;
    Some((Name::new(name)?, MemberId(id.to_be_bytes()).into()))
}

fn about(file: &Path, error: &impl std::fmt::Display) -> String {
    format!("{}: {error}", file.display())
}
