using System.Net;
using Llama2.Server.Tests.Monitoring;
using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;
using UnitTesting;

namespace Llama2.Server.Tests.Endpoints;

public sealed class ReaderIdleTests : IDisposable
{
    // Only a fault takes as long.
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(2));

    public void Dispose() => _patience.Dispose();

    [Fact]
    public async Task Stream_ClientDoesNotRead_EndsWithAnErrorAndFreesItsPlace()
    {
        await using LocalServer server = await LocalServer.StartAsync(services => services.AddLlama(options =>
        {
            options.ModelPath = DemonstrationModel.Path;
            options.ReaderIdleLimit = TimeSpan.FromMilliseconds(1);
        }));
        // More bytes than the connection holds: 16 answers that have no end, with the log-probabilities of 20 tokens at each place.
        using HttpResponseMessage response = await server.PostAsync(
            "/v1/chat/completions",
            """{"messages": [{"role": "user", "content": "Well?"}], "stream": true, "n": 16, "logprobs": true, "top_logprobs": 20, "logit_bias": {"2": -100}}""");
        response.StatusCode.Should().Be(HttpStatusCode.OK);

        Exposition metrics;
        do
            metrics = Exposition.Parse(await server.Client.GetByteArrayAsync(new Uri("/metrics", UriKind.Relative), _patience.Token), isOpenMetrics: false);
        while (metrics.Value("llama2_calls_abandoned_total") == 0);

        string body = await response.Content.ReadAsStringAsync();
        string[] events = body[..^2].Split("\n\n");
        Refusal.Read(HttpStatusCode.OK, events[^1]["data: ".Length..]).Code.Should().Be("reader_idle");
    }

    [Fact]
    public async Task Stream_ClientDoesNotReadFor30Seconds_IsCutOffWithAllChoices()
    {
        var clock = new ManualTimeProvider();
        var model = new EndlessModel(new ScriptedModel(ModelTokenizer.Load(DemonstrationModel.Path)));
        await using LocalServer server = await LocalServer.StartAsync(services =>
        {
            services.AddSingleton<TimeProvider>(clock).AddSingleton<ILlamaModel>(model);
            services.AddLlama("script.gguf");
        });
        using HttpResponseMessage response = await server.PostAsync(
            "/v1/chat/completions", """{"messages": [{"role": "user", "content": "Well?"}], "stream": true, "n": 4}""");
        response.StatusCode.Should().Be(HttpStatusCode.OK);

        while (!model.Ended.IsCompleted)
        {
            // The request lets time pass for the connection to fill up.
            await server.Client.GetStringAsync(new Uri("/health/live", UriKind.Relative), _patience.Token);
            clock.Advance(TimeSpan.FromSeconds(31));
        }

        await FluentActions.Awaiting(() => response.Content.ReadAsStringAsync()).Should().ThrowAsync<HttpRequestException>();
    }
}
