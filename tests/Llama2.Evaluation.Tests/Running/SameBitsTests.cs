using System.Collections.Concurrent;
using CsCheck;
using Llama2.Tests;

namespace Llama2.Evaluation.Tests.Running;

/// <summary>Responses have the same bits whatever is computed at the same time.</summary>
public sealed class SameBitsTests : IDisposable
{
    private static readonly string[] s_words = [" dog", " cat", " ran home", " and", " the", " moo.", " One day", " 2 + 3", "\n", " play", " very", " forest"];

    private static readonly int[] s_threadCounts = [1, 2, 4];

    private static readonly Gen<string> s_word = Gen.Int[0, s_words.Length - 1].Select(index => s_words[index]);

    private static readonly Gen<string> s_text = s_word.Array[1, 20].Select(words => "Once upon a time" + string.Concat(words));

    // One example: one prompt with 1 to 6 choices, one whole text, or an answer that is generated, with or without a temperature.
    private static readonly Gen<EvaluationRequest[]> s_example = Gen.Frequency(
        (6, Gen.Select(s_text, s_word.Array[1, 6]).Select((text, choices) => choices.Select(choice => (EvaluationRequest)new LogLikelihoodRequest(text, choice)).ToArray())),
        (1, s_text.Select(text => new EvaluationRequest[] { new RollingLogLikelihoodRequest(text) })),
        (1, Gen.Select(s_text, Gen.Int[1, 12], Gen.Bool).Select((text, count, isRandom) => new EvaluationRequest[] { new GenerationRequest(text) { MaxTokens = count, Temperature = isRandom ? 1 : 0 } })));

    private static readonly Gen<Run> s_run = Gen.Select(
        s_example.Array[1, 8].Array[1, 4], Gen.Int[1, 64], Gen.Int[0, 2].Select(index => s_threadCounts[index]), Gen.Int[0, 3], (tasks, concurrency, threads, load) => new Run(tasks, concurrency, threads, load));

    // The expected bits come from a model of its own that computes one request after the other with one thread, and that reuses nothing.
    private readonly LlamaModel _alone = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { ThreadCount = 1 });
    private readonly LlamaModel _model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { ThreadCount = 1 });
    private readonly ConcurrentDictionary<EvaluationRequest, EvaluationResponse> _expected = [];

    private int _scope;

    public void Dispose()
    {
        _alone.Dispose();
        _model.Dispose();
    }

    [Fact]
    public async Task RunAsync_AnyConcurrencyOrderThreadsAndLoad_GivesTheBitsOfEachRequestAlone()
    {
        int loadedCount = 0;
        await s_run.SampleAsync(
            async run =>
            {
                _model.ThreadCount = run.ThreadCount;
                using var end = new CancellationTokenSource();
                Task<int>[] load = [.. Enumerable.Range(0, run.LoadCount).Select(index => GenerateAsync(index, end.Token))];
                EvaluationReport report = await EvaluationRunner.RunAsync(
                    new ModelBackend(_model), [.. run.Tasks.Select((examples, index) => new RandomTask($"task{index}", examples))],
                    new EvaluationRunOptions { ConcurrentExampleCount = run.Concurrency });
                await end.CancelAsync();
                loadedCount += (await Task.WhenAll(load)).Sum();
                foreach (ExampleResult result in report.Tasks.SelectMany(task => task.Examples))
                {
                    foreach ((EvaluationRequest request, EvaluationResponse response) in result.Example.Requests.Zip(result.Responses))
                    {
                        EvaluationResponse expected = await AloneAsync(request);
                        if (BitConverter.DoubleToInt64Bits(response.LogLikelihood) != BitConverter.DoubleToInt64Bits(expected.LogLikelihood) || response != expected)
                            throw new InvalidOperationException($"{request}: {response}, not {expected}; {run}");
                    }
                }
            },
            iter: 60,
            threads: 1);
        loadedCount.Should().BeGreaterThan(100, "the other generations ran at the same time");
    }

    private async Task<EvaluationResponse> AloneAsync(EvaluationRequest request)
    {
        if (_expected.TryGetValue(request, out EvaluationResponse? known))
            return known;
        var backend = new ModelBackend(_alone, new ModelBackendOptions { Computation = new ComputationOptions { PrefixScope = $"scope {_scope++}" } });
        return _expected[request] = await backend.AnswerAsync(request);
    }

    // Another user of the model, who goes on until the run ends.
    private async Task<int> GenerateAsync(int index, CancellationToken cancellationToken)
    {
        int count = 0;
        try
        {
            for (ulong seed = 0; ; seed++)
            {
                var options = new GenerationOptions { Temperature = 1, Seed = seed + (1000 * (ulong)index), MaxTokens = 100 };
                await foreach (GenerationUpdate update in _model.GenerateAsync($"Once upon a time{s_words[index]}", options, cancellationToken))
                    count += update.Token is null ? 0 : 1;
            }
        }
        catch (OperationCanceledException)
        {
            return count;
        }
    }

    private sealed record Run(EvaluationRequest[][][] Tasks, int Concurrency, int ThreadCount, int LoadCount);
}
