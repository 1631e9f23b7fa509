namespace Llama2.Training.Objectives;

/// <summary>
/// Measures how long the parts of a run take, and estimates from that how long its rest takes. The time of a step is proportional to its work, so a run that
/// begins with short samples and ends with long ones is not underestimated.
/// </summary>
internal sealed class TimeEstimate
{
    private readonly TimeProvider _time;
    private readonly RunWork _work;
    private readonly int _stepCount, _evaluationInterval;
    private readonly int? _checkpointInterval;
    private readonly long _start;
    private readonly (double Seconds, double Work)[] _measured = new (double, double)[Enum.GetValues<RunPart>().Length];
    private long _partStart;

    /// <param name="time">The clock; the run begins now.</param>
    /// <param name="work">The work of the run.</param>
    /// <param name="stepCount">The number of all steps.</param>
    /// <param name="evaluationInterval">The number of steps between two evaluations.</param>
    /// <param name="checkpointInterval">The number of steps between two checkpoints; null for no checkpoints.</param>
    public TimeEstimate(TimeProvider time, RunWork work, int stepCount, int evaluationInterval, int? checkpointInterval)
    {
        (_time, _work, _stepCount, _evaluationInterval, _checkpointInterval) = (time, work, stepCount, evaluationInterval, checkpointInterval);
        _start = _partStart = time.GetTimestamp();
    }

    /// <summary>The time since the run began.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(_start);

    /// <summary>Records that a part of the run has ended, which began when the part before it ended.</summary>
    /// <param name="part">The part.</param>
    /// <param name="work">Its work; 1 if the part takes the same time whenever it occurs.</param>
    public void End(RunPart part, double work = 1)
    {
        long end = _time.GetTimestamp();
        ref (double Seconds, double Work) measured = ref _measured[(int)part];
        measured = (measured.Seconds + _time.GetElapsedTime(_partStart, end).TotalSeconds, measured.Work + work);
        _partStart = end;
    }

    /// <summary>Records that a step has ended.</summary>
    /// <param name="step">The number of completed steps.</param>
    public void EndStep(int step) => End(RunPart.Step, _work.From(step - 1) - _work.From(step));

    /// <summary>Records that an evaluation has ended.</summary>
    public void EndEvaluation() => End(RunPart.Evaluation, HasEvaluated ? _work.Evaluation : _work.FirstEvaluation);

    /// <summary>Records that the receiver of a report has returned.</summary>
    /// <param name="step">The number of completed steps.</param>
    public void EndReport(int step) => End(step % _evaluationInterval == 0 || step == _stepCount ? RunPart.EvaluationReport : RunPart.Report);

    /// <summary>Estimates the time until the end of the last step, its evaluation and its report.</summary>
    /// <param name="step">The number of completed steps.</param>
    public TimeSpan Remaining(int step)
    {
        if (step == _stepCount)
        {
            return TimeSpan.Zero;
        }

        int evaluations = CountAfter(step, _evaluationInterval);
        double evaluationWork = evaluations * _work.Evaluation + (HasEvaluated ? 0 : _work.FirstEvaluation - _work.Evaluation);
        return TimeSpan.FromSeconds(
            SecondsOf(RunPart.Step, _work.From(step))
            // Until an evaluation has been measured, evaluations are assumed to compute as fast as steps.
            + SecondsOf(HasEvaluated ? RunPart.Evaluation : RunPart.Step, evaluationWork)
            + SecondsOf(RunPart.Checkpoint, _checkpointInterval is { } interval ? CountAfter(step, interval) : 0)
            + SecondsOf(RunPart.EvaluationReport, evaluations)
            + SecondsOf(RunPart.Report, _stepCount - step - evaluations));
    }

    private bool HasEvaluated => _measured[(int)RunPart.Evaluation].Work > 0;

    // Parts that have not been measured are assumed to take no time.
    private double SecondsOf(RunPart part, double work) => _measured[(int)part] is (var seconds, > 0 and var known) ? seconds / known * work : 0;

    // The number of steps after the given one that are multiples of the interval, or the last.
    private int CountAfter(int step, int interval) => _stepCount / interval - step / interval + (_stepCount % interval > 0 ? 1 : 0);
}
