import Pages

/// The style of the page's tables and pictures.
enum HTMLStyle {
    static let sheet: Markup = """
        .summary td, .summary thead th:not(:first-child) { text-align: right; } .total th, .total td { border-top: 2px solid var(--line); font-weight: 600; }
        .failures { list-style: none; padding: 0; } .failures li { margin: 6px 0; }
        svg .box { fill: var(--box); stroke: var(--line); stroke-width: 1.5; } svg .box.fail { stroke: var(--fail); } svg .box.warn { stroke: var(--warn); } svg .box.skip { stroke-dasharray: 5 4; }
        svg .sign { font-weight: 700; } svg .sign.pass { fill: var(--pass); } svg .sign.fail { fill: var(--fail); } svg .sign.warn { fill: var(--warn); } svg .sign.skip { fill: var(--skip); }
        svg .way path { fill: none; stroke-width: 1.6; } svg .way.pass path { stroke: var(--pass); } svg .way.fail path { stroke: var(--fail); } svg .way.warn path { stroke: var(--warn); }
        svg .way.skip path { stroke: var(--skip); stroke-dasharray: 4 4; } svg .way circle { fill: var(--bg); }
        svg .head.pass { fill: var(--pass); } svg .head.fail { fill: var(--fail); } svg .head.warn { fill: var(--warn); } svg .head.skip { fill: var(--skip); }
        """
}
