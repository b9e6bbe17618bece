import Essentials
import Lab
import Testing

@Suite(.serialized, .timeLimit(.minutes(2))) struct LabUpDownTests {
    @Test func upIsFast() async throws {
        let clock = ContinuousClock()
        let lab = try await Lab.up(LabOptions(directory: Lab.temporaryDirectory()))
        let start = clock.now
        print(lab.status())
        _ = try await Lab.down(lab.directory)
        print("down", clock.now - start)
    }
}
