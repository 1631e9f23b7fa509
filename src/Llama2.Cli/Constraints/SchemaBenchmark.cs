using System.Diagnostics;

namespace Llama2.Cli.Constraints;

/// <summary>
/// Runs tests of schemas on one thread, counts the passed and failed tests, and measures how long schemas take to compile and masks take to compute.
/// </summary>
/// <param name="tokenizer">The vocabulary.</param>
internal sealed class SchemaBenchmark(ModelTokenizer tokenizer)
{
    private readonly TextChecker _checker = new(tokenizer);
    private readonly List<double> _compileMilliseconds = [];
    private double _slowestMilliseconds;

    public int SchemaCount { get; private set; }

    /// <summary>The number of schemas that compiled, allowed all of their valid texts and refused all of their invalid texts.</summary>
    public int PassedCount { get; private set; }

    /// <summary>The number of schemas that were refused, either when they were compiled or later, while a text was checked.</summary>
    public int CompileErrorCount { get; private set; }

    public int ValidRejectedCount { get; private set; }

    public int InvalidAcceptedCount { get; private set; }

    /// <summary>For each schema that compiled, the time in milliseconds to compile it and to compute its first mask.</summary>
    public TimeFigures CompileMilliseconds => new(_compileMilliseconds);

    /// <summary>The name of the schema that took longest to compile; empty if no schema compiled.</summary>
    public string SlowestSchema { get; private set; } = "";

    /// <summary>
    /// Statistics of the times, in microseconds, that masks took to compute while texts were checked. The first mask of each schema is not included.
    /// </summary>
    public TimeFigures MaskMicroseconds => _checker.MaskMicroseconds;

    /// <summary>
    /// Runs the tests of all schemas twice, and times the second run: by then the JIT has optimized the methods that are called often.
    /// </summary>
    /// <param name="tests">The schemas and their tests.</param>
    /// <param name="tokenizer">The vocabulary.</param>
    /// <param name="progress">Receives the fraction of the schemas that are done; may be null.</param>
    /// <param name="report">Receives a line about each failed test.</param>
    /// <param name="cancellationToken">Ends the run before the next schema begins.</param>
    public static SchemaBenchmark Run(
        IReadOnlyList<SchemaTest> tests, ModelTokenizer tokenizer, IProgress<double>? progress, Action<string> report, CancellationToken cancellationToken)
    {
        var warmUp = new SchemaBenchmark(tokenizer);
        var benchmark = new SchemaBenchmark(tokenizer);
        foreach (SchemaTest test in tests)
        {
            cancellationToken.ThrowIfCancellationRequested();
            warmUp.Run(test, _ => { });
            progress?.Report((double)warmUp.SchemaCount / tests.Count / 2);
        }

        foreach (SchemaTest test in tests)
        {
            cancellationToken.ThrowIfCancellationRequested();
            benchmark.Run(test, report);
            progress?.Report(0.5 + ((double)benchmark.SchemaCount / tests.Count / 2));
        }

        return benchmark;
    }

    /// <summary>Runs the tests of a schema.</summary>
    /// <param name="test">The schema and its tests.</param>
    /// <param name="report">Receives a line about each failed test.</param>
    private void Run(SchemaTest test, Action<string> report)
    {
        SchemaCount++;
        int faultCount = 0;
        try
        {
            OutputConstraint constraint = Compile(test);
            foreach ((string text, bool isValid) in test.Texts)
            {
                CheckedText result = _checker.Check(constraint, text);
                if (result.IsAccepted == isValid)
                    continue;
                faultCount++;
                ValidRejectedCount += isValid ? 1 : 0;
                InvalidAcceptedCount += isValid ? 0 : 1;
                report(isValid ? $"{test.Name}: rejects a valid text {result.Describe(tokenizer)}" : $"{test.Name}: accepts an invalid text: {text}");
            }
        }
        catch (OutputConstraintException exception)
        {
            faultCount++;
            CompileErrorCount++;
            report($"{test.Name}: {exception.Message}");
        }

        PassedCount += faultCount == 0 ? 1 : 0;
    }

    private OutputConstraint Compile(SchemaTest test)
    {
        long start = Stopwatch.GetTimestamp();
        OutputConstraint constraint = OutputConstraint.JsonSchema(test.Schema);
        constraint.CreateMatcher(tokenizer).ComputeMask();
        double time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        _compileMilliseconds.Add(time);
        if (time > _slowestMilliseconds)
            (_slowestMilliseconds, SlowestSchema) = (time, test.Name);
        return constraint;
    }
}
