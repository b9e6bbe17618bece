import Pages

/// The estate's picture as SVG: servers as boxes with what stands on them, pipelines as arrows.
struct TopologyDrawing {
    private let picture: EstatePicture
    private let places: [Place]
    private let size: (width: Int, height: Int)

    private struct Place {
        var x: Int
        var y: Int
        var height: Int
        var column: Int
    }

    private static let width = 300
    private static let head = 46
    private static let line = 22
    private static let gap = (x: 150, y: 36)
    private static let margin = 12

    init(_ picture: EstatePicture) {
        self.picture = picture
        let columns = max(1, picture.boxes.count <= 4 ? min(2, picture.boxes.count) : 3)
        var places: [Place] = []
        var y = Self.margin
        var tallest = 0
        for (index, box) in picture.boxes.enumerated() {
            let column = index % columns
            if column == 0, index > 0 {
                y += tallest + Self.gap.y
                tallest = 0
            }
            let height = Self.head + max(1, box.rows.count) * Self.line + 10
            places.append(
                Place(x: Self.margin + column * (Self.width + Self.gap.x), y: y, height: height, column: column))
            tallest = max(tallest, height)
        }
        self.places = places
        // Room at the right for arrows between boxes that stand one above the other.
        size = (columns * (Self.width + Self.gap.x) + Self.margin, y + tallest + Self.margin)
    }

    var markup: Markup {
        let boxes = zip(picture.boxes, places).map { box($0, $1) }
        return """
            <svg class="picture" viewBox="0 0 \(size.width) \(size.height)" width="\(size.width)" height="\(size.height)" role="img" aria-label="Topology of the estate">
            <defs>\(["pass", "fail", "warn", "skip"].map(head))</defs>
            \(boxes)
            \(picture.arrows.map(arrow))
            </svg>
            """
    }

    private func head(_ style: String) -> Markup {
        """
        <marker id="head-\(style)" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto"><path class="head \(style)" d="M0 0L10 5L0 10z"/></marker>
        """
    }

    private func box(_ box: EstatePicture.Box, _ place: Place) -> Markup {
        let rows = box.rows.enumerated().map { index, row in
            let y = place.y + Self.head + index * Self.line + 14
            return """
                <g class="row"><title>\(row.name): \(row.reason)</title><text class="sign \(row.mark.style)" x="\(place.x + 14)" y="\(y)">\(row.mark.sign)</text><text x="\(place.x + 34)" y="\(y)">\(Markup.cut(row.name, 22))</text><text class="muted" x="\(place.x + Self.width - 12)" y="\(y)" text-anchor="end">\(row.kind)</text></g>
                """ as Markup
        }
        return """
            <g class="server"><rect class="box \(box.mark.style)" x="\(place.x)" y="\(place.y)" width="\(Self.width)" height="\(place.height)" rx="6"/>
            <text class="sign \(box.mark.style)" x="\(place.x + 14)" y="\(place.y + 22)">\(box.mark.sign)</text><text class="title" x="\(place.x + 34)" y="\(place.y + 22)">\(Markup.cut(box.title, 30))</text><text class="muted" x="\(place.x + 34)" y="\(place.y + 37)">\(Markup.cut(box.subtitle, 32))</text>
            \(rows)
            </g>
            """
    }

    private func arrow(_ arrow: EstatePicture.Arrow) -> Markup {
        guard let start = spot(arrow.from), let end = spot(arrow.to) else { return "" }
        let isRight = end.column > start.column
        // Between boxes of one column it goes round by the right.
        let (x1, x2, bend) =
            if start.column == end.column {
                (start.x + Self.width, end.x + Self.width, (60, 60))
            } else if isRight {
                (start.x + Self.width, end.x, (70, -70))
            } else {
                (start.x, end.x + Self.width, (-70, 70))
            }
        let sign = (
            x: Self.point(x1, x1 + bend.0, x2 + bend.1, x2), y: Self.point(start.y, start.y, end.y, end.y)
        )
        return """
            <g class="way \(arrow.mark.style)"><title>\(arrow.name): \(arrow.reason)</title><path d="M\(x1) \(start.y)C\(x1 + bend.0) \(start.y) \(x2 + bend.1) \(end.y) \(x2) \(end.y)" marker-end="url(#head-\(arrow.mark.style))"/><circle cx="\(sign.x)" cy="\(sign.y)" r="8"/><text class="sign \(arrow.mark.style)" x="\(sign.x)" y="\(sign.y + 4)" text-anchor="middle">\(arrow.mark.sign)</text></g>
            """
    }

    /// A coordinate of a Bézier curve nearer to its end than to its start, where arrows from one place lie apart.
    private static func point(_ start: Int, _ first: Int, _ second: Int, _ end: Int) -> Int {
        (start + 9 * first + 27 * second + 27 * end) / 64
    }

    /// Where the row of that name stands: the left edge of its box, and its own height.
    private func spot(_ name: String) -> (x: Int, y: Int, column: Int)? {
        for (box, place) in zip(picture.boxes, places) {
            if let index = box.rows.firstIndex(where: { $0.name == name }) {
                return (place.x, place.y + Self.head + index * Self.line + 10, place.column)
            }
        }
        return nil
    }
}
