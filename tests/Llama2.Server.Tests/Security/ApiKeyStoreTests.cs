using Llama2.Samples.Tests;
using Llama2.Server.Security;
using Llama2.Tests;
using Microsoft.Extensions.Logging;

namespace Llama2.Server.Tests.Security;

public sealed class ApiKeyStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly RecordingLoggerProvider _log = new();
    private readonly LlamaApiKey _alice = LlamaApiKey.Create("alice");
    private readonly LlamaApiKey _bob = LlamaApiKey.Create("bob");

    private string Path => _folder.File("keys.txt");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FindName_KeysOfAllSources_AreKnown()
    {
        File.WriteAllText(Path, $"\uFEFF# keys\r\n\r\n{_alice.Entry}\r\n");
        string variable = $"LLAMA2_TEST_{Guid.NewGuid():N}";
        const string Plain = "0123456789abcdef0123456789abcdef";
        Environment.SetEnvironmentVariable(variable, $"carol:{Plain},{_bob.Entry}");

        var store = Create(new LlamaApiKeyOptions { Path = Path, EnvironmentVariable = variable, Entries = ["dave:" + Plain.ToUpperInvariant()] });

        store.FindName(_alice.Text).Should().Be("alice");
        store.FindName(_bob.Text).Should().Be("bob");
        store.FindName(Plain).Should().Be("carol");
        store.FindName(Plain.ToUpperInvariant()).Should().Be("dave");
        foreach (string wrong in (string[])["", "alice", _alice.Text[..^1], _alice.Text + "a", _alice.Entry, new string('x', 100_000)])
            store.FindName(wrong).Should().BeNull();
    }

    [Fact]
    public void FindName_ChangedFile_IsReadAgain()
    {
        File.WriteAllText(Path, _alice.Entry);
        ApiKeyStore store = Create();

        File.WriteAllText(Path, $"{_bob.Entry}\n# revoked: {_alice.Entry}");
        store.FindName(_bob.Text).Should().BeNull("the file is looked at every 2 seconds");
        _clock.Advance(TimeSpan.FromSeconds(2));

        store.FindName(_bob.Text).Should().Be("bob");
        store.FindName(_alice.Text).Should().BeNull();
    }

    [Fact]
    public void FindName_FileThatBecameInvalid_KeepsTheKeysAndLogsAnError()
    {
        File.WriteAllText(Path, _alice.Entry);
        ApiKeyStore store = Create();

        File.WriteAllText(Path, $"{_bob.Entry}\nnonsense");
        _clock.Advance(TimeSpan.FromSeconds(2));
        store.FindName(_alice.Text).Should().Be("alice");
        store.FindName(_bob.Text).Should().BeNull();
        _log.Entries.Should().ContainSingle(entry => entry.Level == LogLevel.Error).Which.Message.Should().Contain("entry 2").And.NotContain("nonsense");

        File.Delete(Path);
        _clock.Advance(TimeSpan.FromSeconds(2));
        store.FindName(_alice.Text).Should().Be("alice");

        File.WriteAllText(Path, _bob.Entry);
        _clock.Advance(TimeSpan.FromSeconds(2));
        store.FindName(_bob.Text).Should().Be("bob");
    }

    [Fact]
    public void Constructor_NoKeys_Throws()
    {
        File.WriteAllText(Path, "# none yet\n");

        FluentActions.Invoking(() => Create()).Should().Throw<LlamaApiKeyException>().WithMessage("There are no API keys*");
    }

    [Fact]
    public void Constructor_MissingFile_ThrowsAndNamesIt() =>
        FluentActions.Invoking(() => Create()).Should().Throw<LlamaApiKeyException>().WithMessage($"*{Path}*").WithInnerException<IOException>();

    [Fact]
    public void Constructor_KeyItselfInTheFile_Throws()
    {
        File.WriteAllText(Path, $"alice:{_alice.Text}");

        FluentActions.Invoking(() => Create()).Should().Throw<LlamaApiKeyException>().Which.Message.Should().Contain("entry 1").And.NotContain(_alice.Text);
    }

    [Fact]
    public void Constructor_FileOfMoreThanOneMebibyte_Throws()
    {
        File.WriteAllText(Path, new string('\n', (1 << 20) + 1));

        FluentActions.Invoking(() => Create()).Should().Throw<LlamaApiKeyException>().WithMessage("*1,048,576*");
    }

    [Fact]
    public void Constructor_TwoNamesWithOneKey_Throws()
    {
        File.WriteAllText(Path, $"{_alice.Entry}\n{_alice.Entry.Replace("alice", "mallory", StringComparison.Ordinal)}");

        FluentActions.Invoking(() => Create()).Should().Throw<LlamaApiKeyException>().WithMessage("*alice, mallory*");
    }

    [UnixFact]
    public void Constructor_FileThatOthersCanRead_LogsAWarning()
    {
        File.WriteAllText(Path, _alice.Entry);
#pragma warning disable CA1416 // The test runs only where files have such a mode.
        File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Create();
        _log.Entries.Should().BeEmpty();

        File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
#pragma warning restore CA1416
        Create();
        _log.Entries.Should().ContainSingle(entry => entry.Level == LogLevel.Warning).Which.Message.Should().Contain(Path);
    }

    private ApiKeyStore Create(LlamaApiKeyOptions? options = null) =>
        new(options ?? new LlamaApiKeyOptions { Path = Path, EnvironmentVariable = null }, _clock, _log);
}
