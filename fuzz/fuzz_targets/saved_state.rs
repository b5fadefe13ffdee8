//! Saved states: whatever is restored.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keyrota_fuzz_bodies::saved_state::run(data));
