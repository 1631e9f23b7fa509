using System.Globalization;
using Llama2.Server.Accounting;
using Llama2.Server.Tests.Accounting;
using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Server.Tests.Endpoints;

public sealed class CancellationTests : IDisposable
{
    private const string Path = "/v1/chat/completions";
    private readonly RecordingObserver _observer = new();
    private readonly List<int> _layers = [];
    private readonly TaskCompletionSource _isInLayer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _goesOn = new();

    public void Dispose() => _goesOn.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_ClientLeavesDuringALayerOfALongPrompt_TheNextLayerIsNotComputed(bool streams)
    {
        using LlamaModel model = Load();
        await using LocalServer server = await LocalServer.StartAsync(services =>
        {
            services.AddSingleton<ILlamaModel>(model).AddSingleton<IRequestObserver>(_observer);
            services.AddLlama(DemonstrationModel.Path);
        });
        string story = string.Concat(Enumerable.Repeat("A cow and a bear went into the woods. ", 12));
        using var leaving = new CancellationTokenSource();
        Task<HttpResponseMessage> asking = server.PostAsync(
            Path, $$"""{"messages": [{"role": "user", "content": "{{story}}"}], "stream": {{(streams ? "true" : "false")}}}""", leaving.Token);
        await _isInLayer.Task.WaitAsync(TimeSpan.FromSeconds(60));

        await leaving.CancelAsync();
        await FluentActions.Awaiting(() => asking).Should().ThrowAsync<OperationCanceledException>();

        // The request ends while its layer is still being computed.
        RequestRecord record = await _observer.TakeAsync();
        int[] layers = [.. _layers];
        // The model's thread may go on before anything is compared: otherwise a test that fails would wait for it without end.
        _goesOn.Set();
        record.Should().BeEquivalentTo(new { IsAborted = true, Status = 499, ErrorCode = (string?)null, GeneratedTokenCount = 0 });
        record.PromptTokenCount.Should().BeGreaterThan(100);
        layers.Should().Equal(0, 1);

        // The next request has the model for itself as soon as that layer is finished.
        await server.AskAsync(Path, $$"""{"messages": [{"role": "user", "content": "{{Storyteller.Question}}"}], "max_tokens": 1}""");
        _layers.Take(4).Should().Equal(0, 1, 0, 1);
        model.Statistics.Should().BeEquivalentTo(new { RunningCount = 0, WaitingCount = 0, KeyValueCacheUsedByteSize = 0L });
    }

    // One thread of its own, which may be held without holding other tests' models.
    private LlamaModel Load() => LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions
    {
        ThreadCount = 1,
        Observe = (name, matrix) => name.EndsWith(".attn_q.weight", StringComparison.Ordinal)
            ? new LayerWatch(matrix, int.Parse(name.Split('.')[1], CultureInfo.InvariantCulture), Record)
            : matrix,
    });

    // Only the model's thread calls this method, and the test reads the list only while that thread waits or has nothing to do.
    private void Record(int layer)
    {
        if (_layers is [.., var last] && last == layer)
            return;
        _layers.Add(layer);
        if (_layers is not [0, 1])
            return;
        _isInLayer.SetResult();
        _goesOn.Wait();
    }
}
