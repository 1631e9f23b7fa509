using System.Diagnostics;

namespace Llama2.Fuzz;

/// <summary>
/// Tries mutated inputs for a given time. An input that is refused in a new way is kept and mutated further, so that the search reaches deeper code
/// without instrumentation. An input that causes a fault is written to a file, and so is the current input, in case the process crashes.
/// </summary>
internal sealed class MutationRun
{
    private const int MaxKeptCount = 4000;
    private static readonly TimeSpan s_reportInterval = TimeSpan.FromSeconds(30);
    private readonly string _name;
    private readonly FuzzTarget _target;
    private readonly Mutator _mutator;
    private readonly string _folder;
    private readonly List<byte[]> _inputs;
    private readonly HashSet<string> _refusals = new(StringComparer.Ordinal);
    private readonly HashSet<string> _faults = new(StringComparer.Ordinal);
    private long _count;
    private long _readCount;

    /// <param name="name">The target's name.</param>
    /// <param name="target">The target.</param>
    /// <param name="seed">The same seed gives the same inputs; the time decides how many of them are tried.</param>
    /// <param name="folder">The folder to which inputs are written.</param>
    public MutationRun(string name, FuzzTarget target, int seed, string folder)
    {
        _name = name;
        _target = target;
        _mutator = new Mutator(seed, target.Words);
        _folder = Directory.CreateDirectory(folder).FullName;
        _inputs = [.. target.Seeds];
    }

    /// <summary>Tries inputs, beginning with the target's unchanged seeds.</summary>
    /// <returns>The number of different faults found.</returns>
    public int Run(TimeSpan time)
    {
        string current = Path.Combine(_folder, $"{_name}.current");
        using (var file = File.OpenHandle(current, FileMode.Create, FileAccess.Write))
        {
            long start = Stopwatch.GetTimestamp();
            TimeSpan reported = TimeSpan.Zero;
            for (TimeSpan elapsed = TimeSpan.Zero; elapsed < time; elapsed = Stopwatch.GetElapsedTime(start))
            {
                byte[] input = _count < _target.Seeds.Count ? _target.Seeds[(int)_count] : _mutator.Mutate(_inputs, _target.Seeds.Count);
                RandomAccess.SetLength(file, input.Length);
                RandomAccess.Write(file, input, 0);
                Try(input);
                if (elapsed - reported >= s_reportInterval)
                {
                    reported = elapsed;
                    Report(elapsed);
                }
            }

            Report(Stopwatch.GetElapsedTime(start));
        }

        File.Delete(current);
        return _faults.Count;
    }

    private void Try(byte[] input)
    {
        _count++;
        try
        {
            LlamaException? refusal = Attempt.Run(_target, input);
            if (refusal is null)
                _readCount++;
            if (_refusals.Add(Shape(refusal)) && _inputs.Count < MaxKeptCount)
                _inputs.Add(input);
        }
        catch (FuzzFaultException fault)
        {
            if (_faults.Add(Shape(fault.InnerException ?? fault)))
            {
                string path = Path.Combine(_folder, FormattableString.Invariant($"{_name}-{_faults.Count}.bin"));
                File.WriteAllBytes(path, input);
                Console.WriteLine($"{path}: {fault.Message}");
            }
        }
    }

    // Identifies a refusal by the exception's type and the innermost four lines of its stack trace, whatever values the message contains.
    private static string Shape(Exception? exception)
    {
        const int FrameCount = 4;
        return exception is null ? "" : string.Join('\n', (exception.StackTrace ?? "").Split('\n').Take(FrameCount).Prepend(exception.GetType().Name));
    }

    private void Report(TimeSpan elapsed) => Console.WriteLine(FormattableString.Invariant(
        $"{_name}: {elapsed.TotalSeconds:N0} s, {_count:N0} inputs, {_readCount:N0} read, {_refusals.Count:N0} kinds of outcome, {_faults.Count} faults"));
}
