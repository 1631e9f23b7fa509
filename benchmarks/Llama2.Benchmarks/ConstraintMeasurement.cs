using System.Diagnostics;
using System.Text.Json;

namespace Llama2.Benchmarks;

/// <summary>
/// Compares the speed of generations that are constrained by JSON schemas with the speed of free generations of the same number of tokens: first for 64
/// concurrent generations, each with its own schema, then for one generation of an object with 12 keys. Constrained and free generations run alternately in
/// one process, and each pair of runs yields a ratio.
/// </summary>
internal sealed class ConstraintMeasurement : IDisposable
{
    private const int SessionCount = 64;
    private const int RoundCount = 5;

    private readonly LlamaModel _model;
    private int _peakRunningCount;

    private ConstraintMeasurement(string path, string? tokenizerPath) => _model = LlamaModel.Load(path, new LlamaModelOptions { TokenizerPath = tokenizerPath });

    /// <summary>Measures, and writes the figures as one JSON object.</summary>
    /// <param name="path">The model.</param>
    /// <param name="tokenizerPath">
    /// A tokenizer to use instead of the model's own; null for none. Models with random weights need one, because their own vocabularies contain no words.
    /// </param>
    /// <exception cref="InvalidOperationException">The texts depend on what else the model computes, or the sessions do not run at the same time.</exception>
    public static async Task RunAsync(string path, string? tokenizerPath)
    {
        using var measurement = new ConstraintMeasurement(path, tokenizerPath);
        ConstrainedSession[] sessions = [.. Enumerable.Range(0, SessionCount).Select(index => measurement.Create($"Note {index}:", ConstraintSchemas.Note(index)))];
        SpeedComparison many = await measurement.CompareAsync(sessions).ConfigureAwait(false);
        SpeedComparison one = await measurement.CompareAsync([measurement.Create("The customer:", ConstraintSchemas.Customer)]).ConfigureAwait(false);

        Write(Path.GetFileName(path), many, one);
    }

    public void Dispose() => _model.Dispose();

    private static void Write(string model, SpeedComparison many, SpeedComparison one)
    {
        using (var json = new Utf8JsonWriter(Console.OpenStandardOutput(), new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("model", model);
            json.WriteNumber("threads", LlamaHardware.PhysicalCoreCount);
            json.WriteNumber("rounds", RoundCount);
            json.WriteStartObject("sessions");
            json.WriteNumber("count", SessionCount);
            many.WriteMembers(json);
            json.WriteEndObject();
            json.WriteStartObject("object");
            json.WriteNumber("keys", ConstraintSchemas.CustomerKeyCount);
            one.WriteMembers(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        Console.WriteLine();
    }

    private ConstrainedSession Create(string prompt, string schema) => new(_model, prompt, schema);

    private async Task<SpeedComparison> CompareAsync(ConstrainedSession[] sessions)
    {
        foreach (ConstrainedSession session in sessions)
        {
            await session.GenerateAloneAsync().ConfigureAwait(false);
        }

        await WarmUpAsync(sessions).ConfigureAwait(false);
        var comparison = new SpeedComparison(sessions.Sum(session => session.TokenCount));
        for (int round = 0; round < RoundCount; round++)
        {
            double constrained = await TimeAsync(sessions, session => session.GenerateAsync(null)).ConfigureAwait(false);
            double free = await TimeAsync(sessions, session => session.GenerateFreelyAsync(null)).ConfigureAwait(false);
            comparison.Add(constrained, free);
        }

        return comparison;
    }

    // The first run of each kind is not counted: in it the JIT compiles the methods, and the memory for keys and values is allocated.
    private async Task WarmUpAsync(ConstrainedSession[] sessions)
    {
        Func<ConstrainedSession, Task>[] runs = [session => session.GenerateAsync(Observe), session => session.GenerateFreelyAsync(Observe)];
        foreach (Func<ConstrainedSession, Task> run in runs)
        {
            _peakRunningCount = 0;
            await TimeAsync(sessions, run).ConfigureAwait(false);
            if (_peakRunningCount < sessions.Length)
            {
                throw new InvalidOperationException(
                    $"Only {_peakRunningCount} of {sessions.Length} sessions ran at the same time; they need more than the {_model.Statistics.KeyValueCacheByteSize:N0} bytes for keys and values, or finish too soon.");
            }
        }
    }

    private void Observe()
    {
        int count = _model.Statistics.RunningCount;
        for (int peak = _peakRunningCount; count > peak;)
        {
            int found = Interlocked.CompareExchange(ref _peakRunningCount, count, peak);
            (peak, count) = (found, found == peak ? peak : count);
        }
    }

    private static async Task<double> TimeAsync(ConstrainedSession[] sessions, Func<ConstrainedSession, Task> run)
    {
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(sessions.Select(session => Task.Run(() => run(session)))).ConfigureAwait(false);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
