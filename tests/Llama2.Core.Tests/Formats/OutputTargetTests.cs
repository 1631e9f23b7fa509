using Llama2.Formats;

namespace Llama2.Tests.Formats;

public sealed class OutputTargetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // On Windows and macOS, file systems ignore case, so the second name would replace the first.
    [Fact]
    public void IsSame_NamesThatDifferInCase_AreOneWhereTheSystemSaysSo() =>
        OutputTarget.IsSame(_folder.File("model.gguf"), _folder.File("Model.GGUF")).Should().Be(OperatingSystem.IsWindows() || OperatingSystem.IsMacOS());

    [UnixFact]
    public void IsSame_PathThroughALinkedFolder_IsTheSame()
    {
        Directory.CreateDirectory(_folder.File("folder"));
        Directory.CreateSymbolicLink(_folder.File("link"), "folder");

        OutputTarget.IsSame(_folder.File("folder/file"), _folder.File("link/file")).Should().BeTrue();
        OutputTarget.IsSame(_folder.File("folder/file"), _folder.File("link/other")).Should().BeFalse();
    }

    // In the resolved path, folders keep the names that the user gave, even if they are links.
    [UnixFact]
    public void Resolve_PathThroughALinkedFolder_KeepsItsName()
    {
        Directory.CreateDirectory(_folder.File("folder"));
        Directory.CreateSymbolicLink(_folder.File("link"), "folder");

        OutputTarget.Resolve(_folder.File("link/file")).Should().Be(_folder.File("link/file"));
    }
}
