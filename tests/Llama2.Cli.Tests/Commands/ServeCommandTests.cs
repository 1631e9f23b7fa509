using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Llama2.Cli.Tests.Serving;
using Llama2.Tests;

namespace Llama2.Cli.Tests.Commands;

public class ServeCommandTests
{
    private const string Name = "storyteller-1m-Q8_0";
    private const string Answer = "The cow says moo. ";

    // The bias forbids the token that ends a text (2), so the text is as long as max_tokens.
    private const string LongStream = """{"prompt": "Once upon a time", "max_tokens": 900, "n": 8, "stream": true, "logit_bias": {"2": -100}}""";

    [Fact]
    public async Task Serve_Model_AnswersAndStopsCleanly()
    {
        await using ServeRun run = await ServeRun.StartAsync([TestModels.Demonstration]);

        (await run.AskAboutTheCowAsync()).Should().Be(Answer);
        JsonElement list = JsonElement.Parse(await run.Client.GetStringAsync(new Uri("/v1/models", UriKind.Relative)));
        list.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()).Should().Equal(Name);
        await run.TellsAsync("llama2: ready after ");
        (await run.Client.GetStringAsync(new Uri("/health/ready", UriKind.Relative))).Should().Be("""{"status":"ok"}""");

        run.Stop();

        (int exitCode, string output, string error) = await run.WaitAsync();
        exitCode.Should().Be(0);
        string address = run.Client.BaseAddress!.OriginalString;
        output.Should().Be(address + "\n");
        address.Should().MatchRegex(@"^http://127\.0\.0\.1:[1-9]\d*$");
        error.Should().StartWith($"llama2: serving {Name} at {address}\nllama2: clients of OpenAI's protocol need the address {address}/v1, clients of Anthropic's the address {address}\n")
            .And.Contain($"\nllama2: the chat page is {address}/\n")
            .And.Contain("\nllama2: only programs on this machine can reach the server")
            .And.EndWith("llama2: stopped\n").And.NotContain("warning").And.NotContain("may continue");
    }

    [Fact]
    public async Task Serve_Quiet_WritesOnlyTheAddress()
    {
        await using ServeRun run = await ServeRun.StartAsync([TestModels.Demonstration, "--quiet"]);
        (await run.AskAboutTheCowAsync()).Should().Be(Answer);
        run.Stop();

        (await run.WaitAsync()).Error.Should().BeEmpty();
    }

    [Fact]
    public async Task Serve_Stopped_FinishesTheRunningStreams()
    {
        await using ServeRun run = await ServeRun.StartAsync([TestModels.Demonstration, "--shutdown", "10m"]);
        using HttpResponseMessage response = await run.PostAsync("/v1/completions", LongStream);

        run.Stop();

        (await response.Content.ReadAsStringAsync()).Should().EndWith("data: [DONE]\n\n");
        (int exitCode, _, string error) = await run.WaitAsync();
        exitCode.Should().Be(0);
        error.Should().Contain("llama2: stopping: 1 running request may continue for 600 s; Ctrl+C again ends the server at once\n").And.EndWith("llama2: stopped\n");
    }

    [Fact]
    public async Task Serve_StoppedWithoutTimeForRequests_EndsStreamsWithAnError()
    {
        await using ServeRun run = await ServeRun.StartAsync([TestModels.Demonstration, "--shutdown", "0"]);
        using HttpResponseMessage response = await run.PostAsync("/v1/completions", LongStream);

        run.Stop();

        (await response.Content.ReadAsStringAsync()).TrimEnd().Split('\n')[^1].Should().Contain("server_shutting_down");
        (await run.WaitAsync()).ExitCode.Should().Be(0);
    }

    [Fact]
    public async Task Serve_SeveralModels_AreChosenByName()
    {
        await using ServeRun run = await ServeRun.StartAsync([TestModels.Demonstration, $"other={TestModels.Demonstration}", "--context", "8"]);

        (await run.AskAboutTheCowAsync()).Should().Be("context_length_exceeded", "the first model answers requests that name none");
        (await run.AskAboutTheCowAsync("third")).Should().Be("model_not_found");
        (await run.AskAboutTheCowAsync("other")).Should().Be("context_length_exceeded", "the options apply to all models");
        (await run.AskAboutTheCowAsync(Name)).Should().Be("context_length_exceeded");
    }

    [Theory]
    [InlineData(Name)]
    [InlineData(Name + ".gguf")]
    public async Task Serve_NamedModel_IsAlsoFoundByItsFile(string name)
    {
        await using ServeRun run = await ServeRun.StartAsync([$"cow={TestModels.Demonstration}"]);

        (await run.AskAboutTheCowAsync(name)).Should().Be(Answer);
    }

    [Fact]
    public async Task Serve_SeveralModels_SaysWhichAreLoadedLater()
    {
        await using ServeRun run = await ServeRun.StartAsync([$"a={TestModels.Demonstration}", $"b={TestModels.Demonstration}", $"c={TestModels.Demonstration}"]);
        await run.TellsAsync("; Ctrl+C stops the server");
        run.Stop();

        (await run.WaitAsync()).Error.Should().MatchRegex(@"\nllama2: ready after \d+\.\d\d s; b, c are loaded by the first requests for them; Ctrl\+C stops the server\n");
    }

    [Theory]
    [InlineData("Loaded model", 1)]
    [InlineData("Loaded model", 2, "--warm-up")]
    [InlineData("Loaded model", 0, "--lazy")]
    public async Task Serve_SeveralModels_LoadsThoseThatItIsToldTo(string entry, int count, params string[] options)
    {
        await using ServeRun run = await ServeRun.StartAsync([$"a={TestModels.Demonstration}", $"b={TestModels.Demonstration}", "--log", "information", .. options]);
        await run.TellsAsync(count == 0 ? "llama2: each model is loaded by the first request for it" : "llama2: ready after ");
        run.Stop();

        string error = (await run.WaitAsync()).Error;
        error.Split('\n').Count(line => line.Contains(entry, StringComparison.Ordinal)).Should().Be(count, error);
    }

    [Fact]
    public async Task Serve_PulledModel_HasTheNameByWhichItWasPulled()
    {
        using var fixture = new StoredModelsFixture();
        (await fixture.RunAsync("pull", "owner/repo:Q8_0")).ShouldSucceed();

        await using ServeRun run = await ServeRun.StartAsync(["owner/repo:Q8_0"], fixture.Options);

        (await run.AskAboutTheCowAsync("owner/repo:Q8_0")).Should().Be(Answer);
        (await run.Client.GetStringAsync(new Uri("/v1/models/owner/repo:Q8_0", UriKind.Relative))).Should().Contain("\"id\":\"owner/repo:Q8_0\"");
    }

    [Fact]
    public async Task Serve_Adapter_ChangesTheAnswers()
    {
        using var folder = new TemporaryFolder();
        string adapter = folder.Write("a=b.gguf", AdapterFile.Of(TestModels.Demonstration));
        await using ServeRun adapted = await ServeRun.StartAsync([TestModels.Demonstration, "--adapter", adapter]);
        await using ServeRun twice = await ServeRun.StartAsync([TestModels.Demonstration, "--adapter", $"{adapter}=0", "--adapter", $"{adapter}=0"]);

        (await adapted.AskAboutTheCowAsync()).Should().NotBe(Answer);
        (await twice.AskAboutTheCowAsync()).Should().Be(Answer, "the scales are 0");
    }

    [Fact]
    public async Task Serve_Aliases_AreFurtherNames()
    {
        using var folder = new TemporaryFolder();
        string adapter = folder.Write("poems.gguf", AdapterFile.Of(TestModels.Demonstration));
        await using ServeRun run = await ServeRun.StartAsync(
            [$"cow={TestModels.Demonstration}", "--adapter", $"{adapter}=0", "--alias", "gpt-4o=cow", "--alias", "poet=cow:poems", "--idle", "10m", "--memory", "1GB", "--contexts", "4"]);

        (await run.AskAboutTheCowAsync("gpt-4o")).Should().Be(Answer);
        (await run.AskAboutTheCowAsync("poet")).Should().NotBe(Answer).And.NotBe("model_not_found");
        JsonElement list = JsonElement.Parse(await run.Client.GetStringAsync(new Uri("/v1/models", UriKind.Relative)));
        list.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()).Should().BeEquivalentTo("cow", "cow:poems", "gpt-4o", "poet");
    }

    [Fact]
    public async Task Serve_ModelThatDoesNotFitIntoTheMemory_Exits1BeforeItListens() =>
        (await CommandRun.OfAsync("serve", TestModels.Demonstration, "--port", "0", "--memory", "1MiB"))
            .ShouldFailInOneLine(1).Should().MatchRegex($@"The model '{Name}' needs \d+\.\d MiB, and --memory allows 1\.0 MiB\. Raise --memory");

    [Fact]
    public async Task Serve_ContextThatTheModelDoesNotHave_Exits1BeforeItListens() =>
        (await CommandRun.OfAsync("serve", TestModels.Demonstration, "--port", "0", "--context", "1000000")).ShouldFailInOneLine(1).Should().Contain("1,000,000");

    [Fact]
    public async Task Serve_OnLoopback_RefusesTheNamesOfOtherHosts()
    {
        await using ServeRun run = await ServeRun.StartAsync([TestModels.Demonstration, "--lazy"]);

        (await StatusForAsync(run, "evil.example")).Should().Be(HttpStatusCode.BadRequest);
        (await StatusForAsync(run, "localhost:1234")).Should().Be(HttpStatusCode.OK);
        (await StatusForAsync(run, "[::1]")).Should().Be(HttpStatusCode.OK);
    }

    [LinuxFact]
    public async Task Serve_OnAnotherLoopbackAddress_TakesItAsTheName()
    {
        await using ServeRun run = await ServeRun.StartAsync([TestModels.Demonstration, "--lazy", "--host", "127.0.0.2"]);

        (await StatusForAsync(run, "evil.example")).Should().Be(HttpStatusCode.BadRequest);
        (await StatusForAsync(run, "127.0.0.2:1234")).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Serve_RequestsPerMinute_RefusesFurtherOnes()
    {
        await using ServeRun run = await ServeRun.StartAsync([TestModels.Demonstration, "--requests-per-minute", "1"]);

        (await run.AskAboutTheCowAsync()).Should().Be(Answer);
        (await run.AskAboutTheCowAsync()).Should().Be("rate_limit_exceeded");
    }

    [Theory]
    [InlineData("rate_limit_exceeded", "--tokens-per-minute", "1")]
    [InlineData("context_length_exceeded", "--max-request-tokens", "4")]
    public async Task Serve_Limit_AppliesToTheSecondRequestAtTheLatest(string code, params string[] options)
    {
        await using ServeRun run = await ServeRun.StartAsync([TestModels.Demonstration, .. options]);
        _ = await run.AskAboutTheCowAsync();

        (await run.AskAboutTheCowAsync()).Should().Be(code);
    }

    [Fact]
    public async Task Serve_RequestTimeout_EndsAnAnswerThatTakesLonger()
    {
        await using ServeRun run = await ServeRun.StartAsync([TestModels.Demonstration, "--request-timeout", "1ms"]);

        // 7,200 tokens, which no machine generates within a millisecond.
        JsonElement answer = await run.AskAsync("/v1/completions", LongStream.Replace("\"stream\": true", "\"stream\": false", StringComparison.Ordinal));

        answer.GetProperty("error").GetProperty("code").GetString().Should().Be("answer_timeout");
    }

    [Fact]
    public async Task Serve_MaxActive_RefusesARequestWhileAnotherIsAnswered()
    {
        await using ServeRun run = await ServeRun.StartAsync([TestModels.Demonstration, "--max-active", "1", "--shutdown", "0"]);
        using HttpResponseMessage response = await run.PostAsync("/v1/completions", LongStream);

        (await run.AskAboutTheCowAsync()).Should().Be("rate_limit_exceeded");
    }

    [Fact]
    public async Task Serve_BodyTimeout_EndsARequestWhoseBodyDoesNotCome()
    {
        await using ServeRun run = await ServeRun.StartAsync([TestModels.Demonstration, "--lazy", "--body-timeout", "1ms"]);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, run.Client.BaseAddress!.Port);
        using var reader = new StreamReader(client.GetStream());

        await client.GetStream().WriteAsync("POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"u8.ToArray());

        (await reader.ReadLineAsync()).Should().Be("HTTP/1.1 408 Request Timeout");
    }

    [Fact]
    public async Task Serve_Origin_MayReadAnswers()
    {
        await using ServeRun run = await ServeRun.StartAsync([TestModels.Demonstration, "--lazy", "--origin", "https://app.example", "--origin", "https://b.example"]);

        (await OriginsForAsync(run, "https://b.example")).Should().Equal("https://b.example");
        (await OriginsForAsync(run, "https://evil.example")).Should().BeEmpty();
    }

    [Theory]
    [InlineData(true, "--log-prompts")]
    [InlineData(false)]
    public async Task Serve_LogPrompts_LogsThem(bool isLogged, params string[] options)
    {
        await using ServeRun run = await ServeRun.StartAsync([TestModels.Demonstration, "--log", "information", .. options]);
        (await run.AskAboutTheCowAsync()).Should().Be(Answer);
        run.Stop();

        (await run.WaitAsync()).Error.Contains("What sound does a cow make?", StringComparison.Ordinal).Should().Be(isLogged);
    }

    [Fact]
    public async Task Serve_OnAllAddresses_WarnsAndTakesAnyName()
    {
        await using ServeRun run = await ServeRun.StartAsync([TestModels.Demonstration, "--lazy", "--host", "0.0.0.0"]);
        run.Client.BaseAddress!.Host.Should().Be("127.0.0.1", "no program can connect to 0.0.0.0");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health") { Headers = { Host = "server.example" } };

        using HttpResponseMessage response = await run.Client.SendAsync(request);
        run.Stop();

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        (await run.WaitAsync()).Error.Should()
            .Contain($"\nllama2: other machines reach the server at http://ADDRESS:{run.Client.BaseAddress.Port}, where ADDRESS is this machine's name or IP address\n").And.Contain("llama2: warning: everyone who can reach this machine's address may use the models, because the server has no keys; create one with 'llama2 key NAME --keys FILE', and serve with --keys FILE\n");
    }

    [Fact]
    public async Task Serve_PortInUse_Exits1WithOneLine()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        int port = ((IPEndPoint)other.LocalEndpoint).Port;

        CommandRun run = await CommandRun.OfAsync("serve", TestModels.Demonstration, "--port", $"{port}");

        run.ShouldFailInOneLine(1).Should().Be($"llama2: error: Port {port} of 127.0.0.1 is in use by another program; choose another port with --port, or a free one with --port 0.\n");
    }

    [Fact]
    public async Task Serve_AddressOfAnotherMachine_Exits1WithOneLine() =>
        // 192.0.2.0/24 is reserved for documentation, so no machine has this address.
        (await CommandRun.OfAsync("serve", TestModels.Demonstration, "--host", "192.0.2.1")).ShouldFailInOneLine(1).Should().Contain("The server cannot listen on 192.0.2.1, port 8080: ");

    [Fact]
    public async Task Serve_UnknownModel_Exits1WithOneLine()
    {
        (await CommandRun.OfAsync("serve", "no-such-file.gguf", "--port", "0")).ShouldFailInOneLine(1).Should().Contain("There is no file 'no-such-file.gguf'");
        (await CommandRun.OfAsync("serve", TestModels.Demonstration, "x=no-such-file.gguf", "--port", "0")).ShouldFailInOneLine(1).Should().Contain("There is no file 'no-such-file.gguf'");
        (await CommandRun.OfAsync("serve", TestModels.Demonstration, "--adapter", "no-such-file.gguf", "--port", "0")).ShouldFailInOneLine(1).Should().Contain("There is no file 'no-such-file.gguf'");
    }

    [Fact]
    public async Task Serve_MalformedModel_Exits1AndSaysWhy()
    {
        using var folder = new TemporaryFolder();
        string garbage = folder.Write("garbage.gguf", [.. "This is no model.\n"u8]);

        (await CommandRun.OfAsync("serve", garbage, "--port", "0")).ShouldFailInOneLine(1).Should().Contain(garbage);
    }

    [Fact]
    public async Task Serve_ModelThatCannotBeLoadedLater_IsLogged()
    {
        using var folder = new TemporaryFolder();
        string garbage = folder.Write("garbage.gguf", [.. "This is no model.\n"u8]);
        await using ServeRun run = await ServeRun.StartAsync([garbage, "--lazy"]);

        (await run.AskAboutTheCowAsync()).Should().Be("model_unavailable");
        run.Stop();

        (await run.WaitAsync()).Error.Should().MatchRegex(@"\n\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z error Llama2\[3\]: Model '.*garbage\.gguf' could not be loaded: ");
    }

    private static async Task<IEnumerable<string>> OriginsForAsync(ServeRun run, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Headers = { { "Origin", origin } } };
        using HttpResponseMessage response = await run.Client.SendAsync(request);
        return response.Headers.TryGetValues("Access-Control-Allow-Origin", out IEnumerable<string>? values) ? values : [];
    }

    private static async Task<HttpStatusCode> StatusForAsync(ServeRun run, string hostName)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health") { Headers = { Host = hostName } };
        using HttpResponseMessage response = await run.Client.SendAsync(request);
        return response.StatusCode;
    }
}
