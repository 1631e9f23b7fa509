using System.Net;
using System.Security.Cryptography;
using System.Text;
using Llama2.Cli.Tests.Serving;

namespace Llama2.Cli.Tests.Commands;

public sealed class KeyCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Key_WithoutAFile_WritesTheKeyToOutputAndTheLineToError()
    {
        CommandRun run = await CommandRun.OfAsync("key", "alice");

        run.ShouldSucceed();
        string key = KeyOf(run);
        run.Error.Should().EndWith($"\n{EntryOf("alice", key)}\n").And.NotContain(key);
        KeyOf(await CommandRun.OfAsync("key", "alice")).Should().NotBe(key);
    }

    [Fact]
    public async Task Key_NewFile_HasTheHashAlone()
    {
        string path = _folder.File("keys.txt");

        CommandRun run = await CommandRun.OfAsync("key", "alice", "--keys", path);

        run.ShouldSucceed();
        string key = KeyOf(run);
        (await File.ReadAllTextAsync(path)).Should().Be($"{EntryOf("alice", key)}\n");
        run.Error.Should().Contain($"added to '{path}' as 'alice'").And.NotContain(key);
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(path).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task Key_FileWithoutALineBreakAtItsEnd_KeepsItsLines()
    {
        string path = _folder.Write("keys.txt", [.. "# clients"u8]);

        (await CommandRun.OfAsync("key", "alice", "--keys", path)).ShouldSucceed();
        (await CommandRun.OfAsync("key", "bob", "--keys", path)).ShouldSucceed();

        (await File.ReadAllLinesAsync(path)).Select(line => line.Split(':')[0]).Should().Equal("# clients", "alice", "bob");
    }

    [Theory]
    [InlineData(1 << 20)]
    [InlineData((1 << 20) + 1)]
    [InlineData(3 << 20)]
    public async Task Key_FileThatIsTooLongForKeys_IsLeftAlone(int length)
    {
        string path = _folder.Write("keys.txt", Encoding.UTF8.GetBytes(new string('#', length)));

        (await CommandRun.OfAsync("key", "alice", "--keys", path)).ShouldFailInOneLine(1).Should().Contain($"No key can be added. The file of API keys '{path}' has more than 1,048,576 bytes, the limit.");

        new FileInfo(path).Length.Should().Be(length);
    }

    [Fact]
    public async Task Key_SmallModelInsteadOfAFileOfKeys_IsLeftAlone()
    {
        byte[] model = await File.ReadAllBytesAsync(TestModels.Demonstration);
        // A part of a model, so that the limit of the file's size does not protect it.
        byte[] part = model[..100_000];
        string path = _folder.Write("model.gguf", part);

        (await CommandRun.OfAsync("key", "alice", "--keys", path)).ShouldFailInOneLine(1).Should().Contain($"No key can be added. The file of API keys '{path}', entry 1: An entry of a file must contain the key's hash, not the key: ");

        (await File.ReadAllBytesAsync(path)).Should().Equal(part);
    }

    [Theory]
    [InlineData("alice:secret-secret-secret-secret-secret", "must contain the key's hash, not the key")]
    [InlineData("alice:sha256:0123", "The hash has 4 characters")]
    [InlineData("al/ice:sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "A key's name must have")]
    [InlineData("notes", "An entry must be")]
    public async Task Key_FileWithAnotherLine_IsLeftAloneAndNotQuoted(string line, string fault)
    {
        string text = $"# clients\n\n{line}\n";
        string path = _folder.Write("notes.txt", Encoding.UTF8.GetBytes(text));

        (await CommandRun.OfAsync("key", "alice", "--keys", path)).ShouldFailInOneLine(1).Should().Contain(", entry 3: ").And.Contain(fault).And.NotContain(line + "\n").And.NotContain("secret-");

        (await File.ReadAllTextAsync(path)).Should().Be(text);
    }

    [Fact]
    public async Task Key_FileWithAsManyKeysAsAServerReads_IsLeftAlone()
    {
        // Names of one letter, so that 10,000 keys take less than the limit of 1 MiB.
        string line = $"{EntryOf("a", "")}\n", text = string.Concat(Enumerable.Repeat(line, 9_999));
        string path = _folder.Write("keys.txt", Encoding.UTF8.GetBytes(text));

        (await CommandRun.OfAsync("key", "b", "--keys", path)).ShouldSucceed();
        (await CommandRun.OfAsync("key", "c", "--keys", path)).ShouldFailInOneLine(1).Should().Contain("has more than 10,000 keys, the limit.");

        (await File.ReadAllLinesAsync(path)).Should().HaveCount(10_000);
    }

    [Fact]
    public async Task Key_FolderThatDoesNotExist_IsNamed()
    {
        string folder = _folder.File("none");

        (await CommandRun.OfAsync("key", "alice", "--keys", Path.Combine(folder, "keys.txt"))).ShouldFailInOneLine(1).Should().Contain($"The folder '{folder}' does not exist.");
    }

    [Fact]
    public async Task Serve_FileOfKeys_AnswersOnlyThoseWhoHaveAKey()
    {
        string path = _folder.File("keys.txt");
        string key = KeyOf(await CommandRun.OfAsync("key", "alice", "--keys", path));
        await using ServeRun run = await ServeRun.StartAsync([TestModels.Demonstration, "--keys", path, "--log", "information"]);

        (await run.AskAboutTheCowAsync()).Should().Be("invalid_api_key");
        (await run.Client.GetStringAsync(new Uri("/health/live", UriKind.Relative))).Should().Be("""{"status":"ok"}""", "probes have no key");
        run.Client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        (await run.AskAboutTheCowAsync()).Should().Be("The cow says moo. ");
        run.Stop();

        string error = (await run.WaitAsync()).Error;
        error.Should().Contain("llama2: only programs on this machine can reach the server, and requests need an API key\n").And.Contain("key alice").And.NotContain(key);
        error.Should().NotContain(" warning ").And.NotContain("DataProtection");
    }

    [Theory]
    [InlineData(HttpStatusCode.OK, "--open-metrics")]
    [InlineData(HttpStatusCode.Unauthorized)]
    public async Task Serve_OpenMetrics_NeedNoKey(HttpStatusCode status, params string[] options)
    {
        string path = _folder.File("keys.txt");
        (await CommandRun.OfAsync("key", "alice", "--keys", path)).ShouldSucceed();
        await using ServeRun run = await ServeRun.StartAsync([TestModels.Demonstration, "--lazy", "--keys", path, .. options]);

        using HttpResponseMessage response = await run.Client.GetAsync(new Uri("/metrics", UriKind.Relative));

        response.StatusCode.Should().Be(status);
    }

    [Fact]
    public async Task Serve_OnAllAddressesWithKeys_DoesNotWarn()
    {
        string path = _folder.File("keys.txt");
        (await CommandRun.OfAsync("key", "alice", "--keys", path)).ShouldSucceed();
        await using ServeRun run = await ServeRun.StartAsync([TestModels.Demonstration, "--lazy", "--host", "0.0.0.0", "--keys", path]);
        run.Stop();

        (await run.WaitAsync()).Error.Should().Contain("llama2: other machines can reach the server, and requests need an API key").And.NotContain("warning");
    }

    [Theory]
    [InlineData("alice:short\n", "entry 1")]
    [InlineData("# nobody\n", "There are no API keys")]
    public async Task Serve_FileOfKeysThatIsNotValid_Exits1WithOneLine(string text, string fault)
    {
        string path = _folder.Write("keys.txt", Encoding.UTF8.GetBytes(text));
        // Otherwise the log would also warn that other users can read the file.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        (await CommandRun.OfAsync("serve", TestModels.Demonstration, "--port", "0", "--keys", path)).ShouldFailInOneLine(1).Should().Contain(path).And.Contain(fault);
    }

    [Fact]
    public async Task Serve_MissingFileOfKeys_Exits1WithOneLine() =>
        (await CommandRun.OfAsync("serve", TestModels.Demonstration, "--port", "0", "--keys", _folder.File("none.txt"))).ShouldFailInOneLine(1)
            .Should().Contain($"There is no file '{_folder.File("none.txt")}'; 'llama2 key NAME --keys {_folder.File("none.txt")}' creates it.");

    private static string KeyOf(CommandRun run)
    {
        run.Output.Should().MatchRegex("^llama2-[A-Za-z0-9_-]{43}\n$");
        return run.Output.TrimEnd('\n');
    }

    private static string EntryOf(string name, string key) => $"{name}:sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}";
}
