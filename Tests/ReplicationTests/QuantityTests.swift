import Replication
import Testing

@Suite struct QuantityTests {
    @Test(
        "Field case 146: bytes have three figures and a unit",
        arguments: [
            (0, "0 B"), (1, "1 B"), (1023, "1023 B"), (1024, "1.00 kB"), (1536, "1.50 kB"), (10_230, "9.99 kB"),
            (10_240, "10.0 kB"), (102_348, "99.9 kB"), (102_400, "100 kB"), (1_048_063, "1023 kB"),
            (1_048_064, "1.00 MB"), (2_414_498_816, "2.25 GB"), (3 << 30, "3.00 GB"), (1 << 40, "1.00 TB"),
            (UInt64.max, "16.0 EB"),
        ])
    func bytes(value: UInt64, text: String) {
        #expect(Quantity.bytes(value) == text)
    }

    @Test(
        "Seconds show the two largest units",
        arguments: [
            (0, "0.0 s"), (0.04, "0.0 s"), (-0.04, "0.0 s"), (0.05, "0.1 s"), (3.21, "3.2 s"), (59.94, "59.9 s"),
            (59.96, "1 min 0 s"), (250, "4 min 10 s"), (3599.6, "1 h 0 min"), (7500, "2 h 5 min"),
            (86_399, "23 h 59 min"), (86_400, "1 d 0 h"), (273_600, "3 d 4 h"), (-90, "-1 min 30 s"),
            (-3.25, "-3.3 s"), (.nan, "?"), (.infinity, "?"),
        ])
    func seconds(value: Double, text: String) {
        #expect(Quantity.seconds(value) == text)
    }

    @Test(
        "A fixed number of places, rounded, with a dot",
        arguments: [
            (0, 0, "0"), (0.5, 0, "1"), (99.95, 1, "100.0"), (1.005, 1, "1.0"), (-0.04, 1, "0.0"), (-1.26, 1, "-1.3"),
            (12.3, 3, "12.300"), (0.007, 3, "0.007"),
        ])
    func fixed(value: Double, places: Int, text: String) {
        #expect(Quantity.fixed(value, places) == text)
    }
}
