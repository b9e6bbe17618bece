/// A page of HTML that needs nothing else: no script, no font, no picture from elsewhere.
package struct HTMLPage {
    private let title: String
    private let style: Markup
    private let content: Markup

    /// A page with a style of its own besides that of all pages.
    package init(title: String, style: Markup, _ content: Markup) {
        self.title = title
        self.style = style
        self.content = content
    }

    /// The page.
    package var text: String {
        let page: Markup = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title)</title>
            <style>
            \(Self.style)
            \(style)
            </style>
            </head>
            <body>
            \(content)
            </body>
            </html>

            """
        return page.text
    }

    /// The style of all pages, for light and for dark.
    private static let style: Markup = """
        :root { color-scheme: light dark; --fg: #1b1f24; --bg: #ffffff; --muted: #59636e; --line: #d1d9e0; --box: #f6f8fa; --pass: #1a7f37; --fail: #cf222e; --warn: #9a6700; --skip: #6e7781; }
        @media (prefers-color-scheme: dark) { :root { --fg: #e6edf3; --bg: #0d1117; --muted: #9198a1; --line: #3d444d; --box: #151b23; --pass: #3fb950; --fail: #f85149; --warn: #d29922; --skip: #8b949e; } }
        body { font: 15px/1.5 system-ui, sans-serif; color: var(--fg); background: var(--bg); max-width: 1320px; margin: 0 auto; padding: 24px; }
        h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 19px; margin: 32px 0 8px; border-bottom: 1px solid var(--line); } h3 { font-size: 16px; margin: 20px 0 4px; }
        .muted { color: var(--muted); } .headline { font-size: 18px; font-weight: 600; margin: 0; } .wide { overflow-x: auto; }
        .pass .mark, .pass .sign, .headline.pass { color: var(--pass); } .fail .mark, .fail .sign, .headline.fail { color: var(--fail); }
        .warn .mark, .warn .sign, .headline.warn { color: var(--warn); } .skip .mark, .skip .sign { color: var(--skip); }
        table { border-collapse: collapse; } th, td { text-align: left; padding: 4px 12px; border-bottom: 1px solid var(--line); vertical-align: top; }
        thead th { color: var(--muted); font-weight: 500; } tbody th { font-weight: 600; } .mark, .number { white-space: nowrap; } .number { text-align: right; }
        svg.picture { font: 13px system-ui, sans-serif; max-width: none; } svg text { fill: var(--fg); } svg .muted { fill: var(--muted); font-size: 11.5px; } svg .title { font-weight: 600; }
        """
}
