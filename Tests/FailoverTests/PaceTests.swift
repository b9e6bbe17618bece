import Essentials
import Testing

@testable import Failover

struct PaceTests {
    /// How long the next look may take, given what is missing: no longer than that, unless it would be too short to tell.
    @Test(arguments: [
        (Duration.seconds(30), Duration.seconds(2)), (.seconds(2), .seconds(2)),
        (.milliseconds(1500), .milliseconds(1500)),
        (.seconds(1), .seconds(1)), (.milliseconds(300), .seconds(1)), (.zero, .seconds(1)),
    ]) func looksAsLongAsIsMissing(missing: Duration, patience: Duration) {
        #expect(Pace.patience(timeout: .seconds(2), missing: missing) == patience)
    }

    /// A look that was over at once is repeated when the loss will have lasted long enough; one that took all of its time
    /// at once.
    @Test func theNextLookEndsInTime() async {
        var pace = Pace(timeout: .milliseconds(100))
        let first = pace.begin()
        #expect(first.remaining <= .milliseconds(100) && first.remaining > .milliseconds(80))
        let soon = pace.end(missing: .seconds(5)).remaining
        #expect(soon > .milliseconds(4900) && soon <= .seconds(5))
        let shorter = pace.begin()
        _ = await ReadinessLoop.shared.sleep(until: shorter)
        #expect(pace.end(missing: .milliseconds(60)).hasPassed)
        #expect(pace.begin().remaining <= .milliseconds(60))
    }
}
