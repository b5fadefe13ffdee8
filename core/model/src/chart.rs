//! What [scale](crate::scale) measured, drawn: lines and seconds against how many there are, both axes in
//! powers of ten.

use std::fmt::Write;

use crate::scale::{Cost, NAMES};

const COLOURS: [&str; 5] = ["#2b6cb0", "#2f855a", "#c05621", "#6b46c1", "#c53030"];
/// Width and height of a panel, in pixels, without what is written beside it.
const PANEL: (f64, f64) = (400.0, 260.0);
const LEFT: f64 = 60.0;
const TOP: f64 = 50.0;

/// One of two panels: where it stands, what it shows, and from which power of ten to which.
struct Panel {
    left: f64,
    title: &'static str,
    value: fn(&Cost) -> f64,
    powers: (i32, i32),
}

impl Panel {
    fn x(&self, count: usize, most: f64) -> f64 {
        self.left + PANEL.0 * (count as f64).log10() / most
    }

    fn y(&self, value: f64) -> f64 {
        let (low, high) = (f64::from(self.powers.0), f64::from(self.powers.1));
        let share = (value.log10().clamp(low, high) - low) / (high - low);
        TOP + PANEL.1 * (1.0 - share)
    }

    fn draw(&self, rows: &[(usize, [Cost; 5])], most: f64, svg: &mut String) {
        let (left, right, bottom) = (self.left, self.left + PANEL.0, TOP + PANEL.1);
        let _ =
            writeln!(svg, r#"<text x="{left}" y="{}" class="t">{}</text>"#, TOP - 14.0, self.title);
        for power in self.powers.0..=self.powers.1 {
            let (y, value) = (self.y(10_f64.powi(power)), 10_f64.powi(power));
            let _ = writeln!(svg, r#"<path d="M{left} {y:.1}H{right}" class="g"/>"#);
            let at = (left - 6.0, y + 4.0);
            let _ =
                writeln!(svg, r#"<text x="{:.1}" y="{:.1}" class="r">{value}</text>"#, at.0, at.1);
        }
        for (count, _) in rows {
            let x = self.x(*count, most);
            let at = bottom + 16.0;
            let _ = writeln!(svg, r#"<text x="{x:.1}" y="{at}" class="m">{count}</text>"#);
        }
        for (which, colour) in COLOURS.iter().enumerate() {
            let points = rows
                .iter()
                .map(|(count, costs)| (self.x(*count, most), self.y((self.value)(&costs[which]))));
            let path: Vec<String> = points.clone().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
            let _ = writeln!(svg, r#"<polyline points="{}" stroke="{colour}"/>"#, path.join(" "));
            for (x, y) in points {
                let _ = writeln!(svg, r#"<circle cx="{x:.1}" cy="{y:.1}" r="3" fill="{colour}"/>"#);
            }
        }
    }
}

/// The measurements of each number of members, as a picture.
pub fn draw(rows: &[(usize, [Cost; 5])]) -> String {
    let most = rows.iter().map(|(count, _)| *count).max().unwrap_or(10).max(10) as f64;
    let (lines, seconds) =
        (|cost: &Cost| cost.lines as f64, |cost: &Cost| cost.ms as f64 / 1_000.0);
    let second = LEFT + PANEL.0 + 90.0;
    let panels = [
        Panel { left: LEFT, title: "lines, of all members", value: lines, powers: (0, 5) },
        Panel {
            left: second,
            title: "seconds until all have the key",
            value: seconds,
            powers: (-1, 4),
        },
    ];
    let (width, height) = (second + PANEL.0 + 30.0, TOP + PANEL.1 + 70.0);
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-family="sans-serif" font-size="12">
<style>text{{fill:#222}}.t{{font-size:14px;font-weight:bold}}.r{{text-anchor:end}}.m{{text-anchor:middle}}.g{{stroke:#ddd;fill:none}}polyline{{fill:none;stroke-width:2}}</style>
<rect width="100%" height="100%" fill="#fff"/>
"##
    );
    for panel in &panels {
        panel.draw(rows, most.log10(), &mut svg);
    }
    for (which, (name, colour)) in NAMES.iter().zip(COLOURS).enumerate() {
        let (x, y) = (LEFT + 110.0 * which as f64, height - 20.0);
        let _ = writeln!(
            svg,
            r#"<rect x="{x}" y="{}" width="14" height="4" fill="{colour}"/>"#,
            y - 6.0
        );
        let _ = writeln!(svg, r#"<text x="{}" y="{y}">{name}</text>"#, x + 20.0);
    }
    svg.push_str("</svg>\n");
    svg
}
