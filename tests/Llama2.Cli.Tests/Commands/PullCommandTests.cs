using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Llama2.Cli.Terminal;
using Llama2.Tests.Store;

namespace Llama2.Cli.Tests.Commands;

public class PullCommandTests
{
    [Fact]
    public async Task Pull_Model_WritesItsPath()
    {
        using var fixture = new StoredModelsFixture();

        CommandRun run = await fixture.RunAsync("pull", "owner/repo");

        run.ShouldSucceed();
        run.Error.Should().BeEmpty();
        run.Output.Should().EndWith("story.Q8_0.gguf\n");
        (await File.ReadAllBytesAsync(run.Output.TrimEnd())).Should().Equal(fixture.Hub.Files["story.Q8_0.gguf"]);
    }

    [Fact]
    public async Task Pull_Dataset_WritesItsFolder()
    {
        using var fixture = new StoredModelsFixture(new TestHub(("main/test.jsonl", "{}\n"u8.ToArray()), ("README.md", [1])) { IsOfData = true });

        CommandRun run = await fixture.RunAsync("pull", "datasets/owner/repo:main");

        run.ShouldSucceed();
        Directory.GetFiles(run.Output.TrimEnd(), "*", SearchOption.AllDirectories).Should().ContainSingle().Which.Should().EndWith("test.jsonl");
        (await fixture.RunAsync("list")).Output.Should().MatchRegex(@"datasets/owner/repo:main +0\.0 MiB  dataset ");
        (await fixture.RunAsync("remove", "datasets/owner/repo:main")).ShouldSucceed();
        (await fixture.RunAsync("list")).Output.Should().NotContain("datasets/owner");
    }

    [Fact]
    public async Task Pull_RevisionAndEndpoint_AreTaken()
    {
        using var fixture = new StoredModelsFixture();
        using var other = new TestHub(("a.gguf", [1, 2, 3]));

        (await fixture.RunAsync("pull", "owner/repo:a.gguf", "--revision", "v1", "--endpoint", other.Endpoint.AbsoluteUri)).ShouldSucceed();

        other.Requests.First().Path.Should().Contain("/revision/v1?");
        fixture.Hub.Requests.Should().BeEmpty();
        (await fixture.RunAsync("list")).Output.Should().Contain("owner/repo@v1:a.gguf");
    }

    [Fact]
    public async Task Pull_Offline_SaysSoBeforeEachRetryAndAtTheEnd()
    {
        using var fixture = new StoredModelsFixture();
        string endpoint = fixture.Hub.Endpoint.AbsoluteUri, host = fixture.Hub.Endpoint.Authority;
        fixture.Hub.Dispose();

        CommandRun run = await fixture.RunAsync("pull", "owner/repo", "--endpoint", endpoint);

        run.ExitCode.Should().Be(ExitCodes.Failure);
        run.Output.Should().BeEmpty();
        string[] lines = run.Error.TrimEnd('\n').Split('\n');
        lines.Should().HaveCount(6);
        for (int i = 0; i < 5; i++)
            lines[i].Should().MatchRegex($@"^llama2: {Regex.Escape(host)} cannot be reached \(.+\); trying again in 0\.0 s \(retry {i + 1} of 5\)$");
        lines[5].Should().Contain("llama2: error: The list of files of 'owner/repo'").And.Contain($"{host} cannot be reached").And.Contain("5 retries");
    }

    [Theory]
    [InlineData("owner/none", "has no 'owner/none' (404)")]
    [InlineData("owner/repo", "choose one")]
    [InlineData("owner/repo:Q5_0", "There are: a.Q4_0.gguf")]
    public async Task Pull_NoSuchModel_SaysWhatToDoInOneLine(string name, string message)
    {
        using var fixture = new StoredModelsFixture(("a.Q4_0.gguf", [1]), ("a.Q8_0.gguf", [1]));

        (await fixture.RunAsync("pull", name)).ShouldFailInOneLine(1).Should().Contain(message);
    }

    [Theory]
    [InlineData("generate", "--max-tokens", "3")]
    [InlineData("inspect")]
    [InlineData("tokenize", "--text", "a")]
    [InlineData("embed", "--text", "a")]
    public async Task Command_PulledModel_IsTakenByItsName(string command, params string[] options)
    {
        using var fixture = new StoredModelsFixture();
        await fixture.RunAsync("pull", "owner/repo");

        foreach (string name in new[] { "owner/repo", "owner/repo:Q8_0", "owner/repo:story.Q8_0.gguf" })
            (await fixture.RunAsync([command, name, .. options])).ShouldSucceed();
    }

    [Theory]
    [InlineData("generate")]
    [InlineData("inspect")]
    [InlineData("bench")]
    public async Task Command_ModelThatIsNotPulled_SaysHowToPullIt(string command)
    {
        using var fixture = new StoredModelsFixture();

        (await fixture.RunAsync(command, "owner/repo:Q8_0")).ShouldFailInOneLine(1).Should().Contain("There is no file 'owner/repo:Q8_0'").And.Contain("'llama2 pull owner/repo:Q8_0'");
    }

    [Fact]
    public async Task List_Json_HasEveryModel()
    {
        using var fixture = new StoredModelsFixture();
        (await fixture.RunAsync("list", "--json")).Output.Should().Be("[]\n");
        string path = (await fixture.RunAsync("pull", "owner/repo")).Output.TrimEnd();

        CommandRun run = await fixture.RunAsync("list", "--json");

        run.ShouldSucceed();
        using var json = JsonDocument.Parse(run.OutputBytes);
        JsonElement model = json.RootElement.EnumerateArray().Should().ContainSingle().Subject;
        model.GetProperty("name").GetString().Should().Be("owner/repo:story.Q8_0.gguf");
        model.GetProperty("path").GetString().Should().Be(path);
        model.GetProperty("type").GetString().Should().Be("gguf");
        model.GetProperty("byteSize").GetInt64().Should().Be(new FileInfo(path).Length);
        model.GetProperty("commit").GetString().Should().Be(TestHub.Commit);
        model.GetProperty("lastUsed").GetDateTime().Should().BeCloseTo(DateTime.UtcNow, TimeSpan.FromMinutes(1));
        model.GetProperty("isComplete").GetBoolean().Should().BeTrue();
    }

    [Fact]
    public async Task List_Table_ShowsWhatIsIncomplete()
    {
        using var fixture = new StoredModelsFixture();
        fixture.Hub.Alter = (request, reply) => request.IsForFile ? new HubReply(403, []) : reply;
        (await fixture.RunAsync("pull", "owner/repo")).ShouldFailInOneLine(1).Should().Contain("conditions");

        string[] lines = (await fixture.RunAsync("list")).Output.Split('\n');

        lines[0].Should().MatchRegex("^NAME +SIZE +TYPE +LAST USED$");
        lines[1].Should().MatchRegex(@"^owner/repo:story\.Q8_0\.gguf +[0-9.]+ MiB  gguf, incomplete  [0-9-]{10} [0-9:]{5}$");
        (await fixture.RunAsync("generate", "owner/repo")).ShouldFailInOneLine(1).Should().Contain("no pulled model");
    }

    [Fact]
    public async Task Remove_PulledModel_IsGone()
    {
        using var fixture = new StoredModelsFixture();
        string path = (await fixture.RunAsync("pull", "owner/repo")).Output.TrimEnd();

        (await fixture.RunAsync("remove", "owner/repo:Q8_0")).ShouldSucceed();

        File.Exists(path).Should().BeFalse();
        (await fixture.RunAsync("remove", "owner/repo:Q8_0")).ShouldFailInOneLine(1).Should().Contain("There is no pulled model or data set 'owner/repo:Q8_0'");
    }

    [Fact]
    public async Task Pull_TwoProcessesAtATime_TransferOnce()
    {
        using var fixture = new StoredModelsFixture();
        // The hub delays the first process's file until the second process has requested the list of files.
        fixture.Hub.Alter = (request, reply) => request.IsForFile && !SpinWait.SpinUntil(() => fixture.Hub.Requests.Count(asked => !asked.IsForFile) == 2, TimeSpan.FromSeconds(20)) ? new HubReply(404, []) : reply;

        using Process first = StartPull(fixture), second = StartPull(fixture);
        string[] paths = [await first.StandardOutput.ReadToEndAsync(), await second.StandardOutput.ReadToEndAsync()];

        paths[0].Should().Be(paths[1]).And.EndWith("story.Q8_0.gguf\n");
        fixture.Hub.FileRequests.Should().ContainSingle();
    }

    [Fact]
    public Task Pull_KilledAtAnyMoment_LeavesTheModelCompleteOrAbsent() => Task.WhenAll(KillAsync(KilledCommandTests.KillCount / 2, seed: 1), KillAsync(KilledCommandTests.KillCount / 2, seed: 2));

    private static async Task KillAsync(int killCount, int seed)
    {
        byte[] content = TestHub.Content(3_000_000);
        using var fixture = new StoredModelsFixture(("a.gguf", content));
        using var store = new LlamaModelStore(fixture.Options);
        fixture.Hub.Alter = (request, reply) => request.IsForFile ? reply with { ChunkLength = 100_000, Pause = TimeSpan.FromMilliseconds(3) } : reply;
        var random = new Random(seed);

        for (int kill = 0; kill < killCount; kill++)
        {
            // A short pull spends most of its time before its first request, so the delay before the kill is counted from the first request or from
            // the first file.
            Func<int> requestCount = kill % 4 == 0 ? () => fixture.Hub.Requests.Count : () => fixture.Hub.FileRequests.Count();
            int before = requestCount();
            using Process process = StartPull(fixture);
            while (requestCount() == before && !process.HasExited)
                await Task.Delay(1);
            await Task.Delay(random.Next(200));
            process.Kill();
            await process.WaitForExitAsync();

            if (store.Find(LlamaModelReference.Parse("owner/repo")) is { } model)
            {
                (await File.ReadAllBytesAsync(model.Path)).Should().Equal(content);
                store.Remove(model.Reference).Should().BeTrue();
            }
        }

        fixture.Hub.FileRequests.Should().Contain(request => request.Header("Range") != null, "some pulls were killed in the middle and continued there");
        using Process last = StartPull(fixture);
        string path = (await last.StandardOutput.ReadToEndAsync()).TrimEnd();
        await last.WaitForExitAsync();
        last.ExitCode.Should().Be(0);
        (await File.ReadAllBytesAsync(path)).Should().Equal(content);
        Directory.GetFiles(fixture.Options.Folder!, "*", SearchOption.AllDirectories).Select(Path.GetExtension)
            .Should().BeEquivalentTo([".gguf", ".json", ".verified", ""], "the killed pulls leave nothing behind");
    }

    private static Process StartPull(StoredModelsFixture fixture) => CommandProcess.Start(
        "llama2.dll", ["pull", "owner/repo"], ("LLAMA2_HOME", fixture.Home), ("HF_ENDPOINT", fixture.Hub.Endpoint.AbsoluteUri), ("HF_TOKEN", null));
}
