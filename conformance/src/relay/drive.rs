//! How requests, answers and lines pass.

use serde_json::Value;

use crate::case::{Fields, Step};
use crate::input::Event;
use crate::testee::Answer;

use super::{CHANNEL, Line, Relay, START, STEPS_MAX};

impl Relay<'_> {
    pub(super) fn next(&self) -> Option<u64> {
        self.users.iter().filter(|user| user.hung.is_none()).filter_map(|user| user.wake).min()
    }

    pub(super) fn clocks(&self, who: usize) -> (u64, u64) {
        (self.ms, (START + self.ms / 1_000).saturating_add_signed(self.users[who].skew))
    }

    pub(super) fn beside(&self, name: &str) -> Vec<String> {
        let side = self.user(name).side;
        let beside = self.users.iter().filter(|user| user.here && user.side == side);
        beside.map(|user| user.name.clone()).collect()
    }

    /// Everybody in the channel, with the nick of everybody who is there on another side.
    pub(super) fn apart(&self) -> Vec<(String, String)> {
        let here = || self.users.iter().filter(|user| user.here);
        let pairs = here().flat_map(|to| here().map(move |other| (to, other)));
        let apart = pairs.filter(|(to, other)| to.side != other.side);
        apart.map(|(to, other)| (to.name.clone(), other.nick.clone())).collect()
    }

    pub(super) fn deliver(&mut self) {
        while let Some(line) = self.queue.pop_front() {
            let side = self.users.iter().find(|user| user.nick == line.nick).map(|user| user.side);
            for who in 0..self.users.len() {
                let user = &self.users[who];
                let alone = line.to != CHANNEL;
                let reached = if alone { user.nick == line.to } else { user.here };
                let linked = side.is_none_or(|side| side == user.side);
                let name = user.name.clone();
                if user.nick == line.nick || !reached || !linked || !(self.filter)(&line, &name) {
                    continue;
                }
                let Line { nick, to: channel, text } = line.clone();
                let event = match alone {
                    true => Event::Private { nick, text },
                    false => Event::Line { channel, nick, text },
                };
                self.tell(&name, event);
            }
        }
    }

    pub(super) fn ask(&mut self, who: usize, operation: &str, input: Value) {
        let Value::Object(input) = input else { return };
        if self.wrong.is_some() {
            return;
        }
        if self.steps.len() == STEPS_MAX {
            return self.fails("the terminals do not come to rest".into());
        }
        let answer = self.testees[self.users[who].testee].ask(operation, &input);
        let step = Step { operation: operation.into(), input, answer: answer.clone() };
        self.steps.push(step);
        if let Err(why) = self.act(who, &answer) {
            self.fails(format!("{}, {operation}: {why}", self.users[who].name));
        }
    }

    /// Carries out what an answer says.
    pub(super) fn act(&mut self, who: usize, answer: &Answer) -> Result<(), String> {
        let out: &Fields = match answer {
            Answer::Out(out) => out,
            Answer::Invalid(layer) if matches!(layer.as_str(), "command" | "state") => {
                return Ok(());
            }
            Answer::Invalid(layer) => return Err(format!("rejected: {layer}")),
            Answer::Unsupported(_) => return Err("unsupported".into()),
            Answer::Error(why) => return Err(why.clone()),
        };
        if let Some(state) = out.get("state") {
            let state = state.as_str().ok_or("a state that is no text")?;
            self.users[who].saves.push(state.into());
            return Ok(());
        }
        let Some(actions) = out.get("actions") else { return Ok(()) };
        let wake = out.get("wake").ok_or("no wake")?;
        if !wake.is_null() {
            let at = wake.as_u64().ok_or("a wake that is no number")?;
            if at <= self.ms {
                return Err(format!("wants to be called at {at}, and it is {}", self.ms));
            }
        }
        self.users[who].wake = wake.as_u64();
        for action in actions.as_array().ok_or("actions that are no list")? {
            if let Some(send) = action.get("send") {
                let text = |field| send.get(field).and_then(Value::as_str).map(str::to_owned);
                let (to, text) =
                    text("channel").zip(text("text")).ok_or("a send without fields")?;
                let line = Line { nick: self.users[who].nick.clone(), to, text };
                self.lines.push(line.clone());
                self.queue.push_back(line);
            } else if action != "save" {
                self.users[who].seen.push(action.clone());
            }
        }
        Ok(())
    }
}
