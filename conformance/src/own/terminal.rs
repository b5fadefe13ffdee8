//! Terminals: events and commands in, actions out (chapter 15).

use std::collections::BTreeMap;

use keyrota::{Event as Tick, RestoreError, Terminal};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{No, Out, input};
use crate::case::Fields;
use crate::hex::{Hex, encode};
use crate::input::{Beginning, Clocks, Command, Event};
use crate::output;

/// The terminals that run, by the names of the requests.
#[derive(Clone, Debug, Default)]
pub(super) struct Terminals(BTreeMap<String, Terminal>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Restore {
    state: Hex,
    // Flattened fields and `deny_unknown_fields` do not go together.
    beginning: Beginning,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    terminal: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ticked {
    terminal: String,
    ms: u64,
    unix: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    terminal: String,
    ms: u64,
    unix: u64,
    event: Event,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Commanded {
    terminal: String,
    ms: u64,
    unix: u64,
    command: Command,
}

impl Terminals {
    pub(super) fn ask(&mut self, operation: &str, fields: &Fields) -> Out {
        match operation {
            "terminal.new" => {
                let beginning: Beginning = input(fields)?;
                let (config, identity) = beginning.own().map_err(No::Wrong)?;
                let now = Clocks { ms: beginning.ms, unix: beginning.unix }.into();
                let terminal = Terminal::new(config, identity, beginning.seed.0, now);
                let terminal = terminal.map_err(|_| No::Invalid("command"))?;
                self.begin(beginning.terminal, terminal)
            }
            "terminal.restore" => {
                let Restore { beginning, state } = input(fields)?;
                let (config, identity) = beginning.own().map_err(No::Wrong)?;
                let now = Clocks { ms: beginning.ms, unix: beginning.unix }.into();
                let seed = beginning.seed.0;
                let terminal = Terminal::restore(config, identity, &state.0, seed, now);
                let terminal = terminal.map_err(|error| match error {
                    RestoreError::Settings => No::Invalid("command"),
                    _ => No::Invalid("state"),
                })?;
                self.begin(beginning.terminal, terminal)
            }
            "terminal.event" => {
                let Told { terminal, ms, unix, event } = input(fields)?;
                let terminal = self.named(&terminal)?;
                let actions = event.tell(terminal, Clocks { ms, unix }.into());
                out(actions.map_err(No::Wrong)?, terminal)
            }
            "terminal.tick" => {
                let Ticked { terminal, ms, unix } = input(fields)?;
                let terminal = self.named(&terminal)?;
                let actions = terminal.handle(Clocks { ms, unix }.into(), Tick::Tick).collect();
                out(actions, terminal)
            }
            "terminal.command" => {
                let Commanded { terminal, ms, unix, command } = input(fields)?;
                let terminal = self.named(&terminal)?;
                let actions = terminal.command(Clocks { ms, unix }.into(), command.own());
                let actions = actions.map_err(|_| No::Invalid("command"))?.collect();
                out(actions, terminal)
            }
            "terminal.save" => {
                let Named { terminal } = input(fields)?;
                Ok(json!({"state": encode(self.named(&terminal)?.save().as_slice())}))
            }
            "terminal.drop" => {
                let Named { terminal } = input(fields)?;
                self.named(&terminal)?;
                self.0.remove(&terminal);
                Ok(json!({}))
            }
            _ => Err(No::Unsupported),
        }
    }

    fn begin(&mut self, name: String, terminal: Terminal) -> Out {
        let begun = out(Vec::new(), &terminal);
        self.0.insert(name, terminal);
        begun
    }

    fn named(&mut self, name: &str) -> Result<&mut Terminal, No> {
        self.0.get_mut(name).ok_or_else(|| No::Wrong(format!("there is no terminal {name}")))
    }
}

fn out(actions: Vec<keyrota::Action>, terminal: &Terminal) -> Out {
    let actions: Option<Vec<Value>> = actions.iter().map(output::action).collect();
    let actions = actions.ok_or(No::Unsupported)?;
    Ok(json!({"actions": actions, "wake": terminal.wake().map(|wake| wake.at)}))
}
