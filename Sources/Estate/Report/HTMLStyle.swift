/// The style of the page, for light and for dark.
enum HTMLStyle {
    static let sheet: Markup = """
        :root { color-scheme: light dark; --fg: #1b1f24; --bg: #ffffff; --muted: #59636e; --line: #d1d9e0; --box: #f6f8fa; --pass: #1a7f37; --fail: #cf222e; --warn: #9a6700; --skip: #6e7781; }
        @media (prefers-color-scheme: dark) { :root { --fg: #e6edf3; --bg: #0d1117; --muted: #9198a1; --line: #3d444d; --box: #151b23; --pass: #3fb950; --fail: #f85149; --warn: #d29922; --skip: #8b949e; } }
        body { font: 15px/1.5 system-ui, sans-serif; color: var(--fg); background: var(--bg); max-width: 1320px; margin: 0 auto; padding: 24px; }
        h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 19px; margin: 32px 0 8px; border-bottom: 1px solid var(--line); } h3 { font-size: 16px; margin: 20px 0 4px; }
        .muted { color: var(--muted); } .headline { font-size: 18px; font-weight: 600; margin: 0; } .wide { overflow-x: auto; }
        .pass .mark, .pass .sign, .headline.pass { color: var(--pass); } .fail .mark, .fail .sign, .headline.fail { color: var(--fail); }
        .warn .mark, .warn .sign, .headline.warn { color: var(--warn); } .skip .mark, .skip .sign { color: var(--skip); }
        table { border-collapse: collapse; } th, td { text-align: left; padding: 4px 12px; border-bottom: 1px solid var(--line); vertical-align: top; }
        thead th { color: var(--muted); font-weight: 500; } tbody th { font-weight: 600; } .mark, .number { white-space: nowrap; } .number { text-align: right; }
        .summary td, .summary thead th:not(:first-child) { text-align: right; } .total th, .total td { border-top: 2px solid var(--line); font-weight: 600; }
        .failures { list-style: none; padding: 0; } .failures li { margin: 6px 0; }
        svg.picture { font: 13px system-ui, sans-serif; max-width: none; } svg text { fill: var(--fg); } svg .muted { fill: var(--muted); font-size: 11.5px; } svg .title { font-weight: 600; }
        svg .box { fill: var(--box); stroke: var(--line); stroke-width: 1.5; } svg .box.fail { stroke: var(--fail); } svg .box.warn { stroke: var(--warn); } svg .box.skip { stroke-dasharray: 5 4; }
        svg .sign { font-weight: 700; } svg .sign.pass { fill: var(--pass); } svg .sign.fail { fill: var(--fail); } svg .sign.warn { fill: var(--warn); } svg .sign.skip { fill: var(--skip); }
        svg .way path { fill: none; stroke-width: 1.6; } svg .way.pass path { stroke: var(--pass); } svg .way.fail path { stroke: var(--fail); } svg .way.warn path { stroke: var(--warn); }
        svg .way.skip path { stroke: var(--skip); stroke-dasharray: 4 4; } svg .way circle { fill: var(--bg); }
        svg .head.pass { fill: var(--pass); } svg .head.fail { fill: var(--fail); } svg .head.warn { fill: var(--warn); } svg .head.skip { fill: var(--skip); }
        """
}
