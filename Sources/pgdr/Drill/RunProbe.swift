import ArgumentParser
import Configuration
import Drills
import Essentials
import RunbookEngine

/// Whether a probe judges a run.
struct ProbeOptions: ParsableArguments {
    @Flag(help: "Commit as an application does meanwhile: only a write that went through proves the role change.")
    var probe = false

    @Option(help: ArgumentHelp("The probe's way to the cluster; default: the first there is.", valueName: "name"))
    var probePath: String?

    func validate() throws {
        if probePath != nil, !probe { throw ValidationError("--probe-path is for --probe.") }
    }

    /// The probe; nil: none is wanted.
    /// - Parameters:
    ///   - start: what must be before the run begins.
    ///   - replaced: the timeline that the run ends; nil: that on which the probe writes before.
    /// - Throws: `configuration` when there is no such path.
    func runProbe(
        of cluster: ClusterConfiguration, _ start: ClientProbe.Start = .committing, replacing replaced: Int? = nil
    ) throws(Failure) -> RunProbe? {
        guard probe else { return nil }
        return RunProbe(cluster, try cluster.clientPath(named: probePath), start, replacing: replaced)
    }
}

/// A probe that runs beside a run and judges it.
struct RunProbe: Sendable {
    var probe: ClientProbe
    var start: ClientProbe.Start
    var replaced: Int?

    /// A probe over a path to a cluster, which looks at the standbys' lag too.
    init(
        _ cluster: ClusterConfiguration, _ path: ClientPath, _ start: ClientProbe.Start = .committing,
        replacing replaced: Int? = nil
    ) {
        probe = ClientProbe(cluster, path)
        probe.lagInterval = .milliseconds(200)
        self.start = start
        self.replaced = replaced
    }

    /// What it says of a run.
    func verdict(_ measurement: ClientMeasurement, on plan: Plan) -> ProbedRun {
        ProbedRun(
            measurement: measurement,
            doubt: measurement.doubt(
                promotes: plan.steps.contains { $0.action == "promote" }, replacing: replaced))
    }
}

/// What a probe says of the run that it was beside.
struct ProbedRun: Sendable {
    var measurement: ClientMeasurement
    /// Why the role change isn't proven; nil: it is.
    var doubt: Failure?
}
