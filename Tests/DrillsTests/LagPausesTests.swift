import Testing

@testable import Drills

/// How often a node is asked that gives no answer in time.
@Suite struct LagPausesTests {
    @Test func grow() {
        var pauses = LagPauses()
        var (now, asked): (Duration, [Duration]) = (.zero, [])
        while now < .seconds(200) {
            if !pauses.isPaused("a", at: now) {
                asked.append(now)
                pauses.note("a", hasTimedOut: true, at: now)
            }
            #expect(!pauses.isPaused("b", at: now))
            now += .seconds(1)
        }
        #expect(asked == [0, 2, 6, 14, 30, 62, 126, 190].map { .seconds($0) })
        pauses.note("a", hasTimedOut: false, at: now)
        #expect(!pauses.isPaused("a", at: now))
        pauses.note("a", hasTimedOut: true, at: now)
        #expect(pauses.isPaused("a", at: now + .milliseconds(1999)) && !pauses.isPaused("a", at: now + .seconds(2)))
    }
}
