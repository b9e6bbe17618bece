/// Diagrams as Mermaid's text, in a block of Markdown.
enum Mermaid {
    /// Servers as frames around what stands on them, pipelines as arrows.
    static func topology(_ picture: EstatePicture) -> String {
        var lines = ["flowchart LR"]
        var names: [String: String] = [:]
        for (index, box) in picture.boxes.enumerated() {
            lines.append("    subgraph b\(index)[\"\(label("\(box.mark.sign) \(box.title)"))\"]")
            for (row, part) in box.rows.enumerated() {
                let name = "b\(index)r\(row)"
                names[part.name] = name
                lines.append("        \(name)[\"\(label("\(part.mark.sign) \(part.name) (\(part.kind))"))\"]")
                lines.append("        class \(name) \(part.mark.style)")
            }
            lines.append("    end")
        }
        for arrow in picture.arrows {
            guard let from = names[arrow.from], let to = names[arrow.to] else { continue }
            let line = arrow.mark.style == "skip" ? "-.->" : "-->"
            lines.append("    \(from) \(line)|\"\(label(arrow.mark.sign))\"| \(to)")
        }
        return block(lines)
    }

    /// Nodes, and arrows from each to those that receive from it.
    static func replication(_ picture: ReplicationPicture) -> String {
        var lines = ["flowchart TD"]
        let names = Dictionary(picture.nodes.enumerated().map { ($1.name, "n\($0)") }) { first, _ in first }
        for (index, node) in picture.nodes.enumerated() {
            lines.append("    n\(index)[\"\(label("\(node.mark.sign) \(node.name): \(node.words)"))\"]")
            lines.append("    class n\(index) \(node.mark.style)")
        }
        for (index, node) in picture.nodes.enumerated() {
            guard let upstream = node.upstream.flatMap({ names[$0] }) else { continue }
            lines.append("    \(upstream) -->|\"\(label(node.lag))\"| n\(index)")
        }
        return block(lines)
    }

    private static func block(_ lines: [String]) -> String {
        let styles = [
            "    classDef pass stroke:#1a7f37", "    classDef fail stroke:#cf222e,stroke-width:2px",
            "    classDef warn stroke:#9a6700,stroke-width:2px", "    classDef skip stroke:#6e7781,stroke-dasharray:4",
        ]
        return (["```mermaid"] + lines + styles + ["```"]).joined(separator: "\n")
    }

    /// A text in quotes: all but plain characters as Mermaid's entities.
    private static func label(_ text: String) -> String {
        var label = ""
        for scalar in text.unicodeScalars {
            let isPlain = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            if isPlain || " .,:()-–+/✓✗!·".unicodeScalars.contains(scalar) {
                label.unicodeScalars.append(scalar)
            } else if scalar.properties.generalCategory != .control {
                label += "#\(scalar.value);"
            }
        }
        return label
    }
}
