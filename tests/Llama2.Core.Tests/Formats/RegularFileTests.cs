using System.Diagnostics;
using Llama2.Formats;

namespace Llama2.Tests.Formats;

public sealed class RegularFileTests : IDisposable
{
    [Theory]
    [InlineData("nope.gguf", typeof(FileNotFoundException))]
    [InlineData("no-such-folder/nope.gguf", typeof(DirectoryNotFoundException))]
    public void Load_RelativePathOfNoFile_IsNamedAsItWasGiven(string path, Type type) =>
        FluentActions.Invoking(() => LlamaModel.Load(path)).Should().Throw<IOException>()
            .Where(exception => exception.GetType() == type && exception.Message.Contains($"'{path}'", StringComparison.Ordinal));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // In the cache of Hugging Face's hub every file of a model is a symbolic link. The link's own length is the length of its target's path, not that
    // of the file.
    [UnixFact]
    public void ReadAllText_Link_ReadsWhatItLeadsTo()
    {
        Directory.CreateDirectory(_folder.File("blobs"));
        Directory.CreateDirectory(_folder.File("snapshots"));
        File.WriteAllText(_folder.File("blobs/0"), "\uFEFFsome text");
        File.CreateSymbolicLink(_folder.File("snapshots/file"), "../blobs/0");

        RegularFile.ReadAllText(_folder.File("snapshots/file"), 100).Should().Be("some text");
        RegularFile.Open(_folder.File("snapshots/file")).Dispose();
        FluentActions.Invoking(() => RegularFile.ReadAllText(_folder.File("snapshots/file"), 11)).Should().Throw<ModelFormatException>().WithMessage("*12 bytes*at most 11*");
    }

    [Fact]
    public void ReadAllText_TextInLatin1_IsRefusedAtItsFirstByte()
    {
        File.WriteAllBytes(_folder.File("text"), [.. "\uFEFFgr"u8, 0xFC, .. "n"u8]);

        ModelFormatException fault = FluentActions.Invoking(() => RegularFile.ReadAllText(_folder.File("text"), 100)).Should().Throw<ModelFormatException>().WithMessage("*0xFC*'\u00FC' in Latin-1*convert*").Which;
        (fault.Offset, fault.FilePath).Should().Be((5, _folder.File("text")));
    }

    [UnixFact]
    public void Open_Folder_IsRefusedAsDocumented()
    {
        Directory.CreateDirectory(_folder.File("folder"));

        FluentActions.Invoking(() => RegularFile.Open(_folder.File("folder")).Dispose()).Should().Throw<UnauthorizedAccessException>();
        FluentActions.Invoking(() => RegularFile.OpenHandle(_folder.File("folder")).Dispose()).Should().Throw<UnauthorizedAccessException>();
        FluentActions.Invoking(() => RegularFile.ReadAllBytes(_folder.File("folder"), 100)).Should().Throw<IOException>();
    }

    [UnixFact]
    public void Open_LinkToAPipeOrADevice_IsRefusedAndNotWaitedFor()
    {
        Process.Start("mkfifo", _folder.File("pipe")).WaitForExit();
        File.CreateSymbolicLink(_folder.File("link-to-pipe"), "pipe");
        File.CreateSymbolicLink(_folder.File("link-to-device"), "/dev/zero");

        foreach (string path in (string[])["/dev/zero", _folder.File("pipe"), _folder.File("link-to-pipe"), _folder.File("link-to-device")])
        {
            FluentActions.Invoking(() => RegularFile.Open(path).Dispose()).Should().Throw<ModelFormatException>().WithMessage("*pipe or a device*");
            FluentActions.Invoking(() => RegularFile.OpenHandle(path).Dispose()).Should().Throw<ModelFormatException>().WithMessage("*pipe or a device*");
            FluentActions.Invoking(() => RegularFile.ReadAllBytes(path, 100)).Should().Throw<ModelFormatException>().WithMessage("*a pipe, a device or a socket*");
        }

        File.WriteAllBytes(_folder.File("empty"), []);
        RegularFile.ReadAllBytes(_folder.File("empty"), 100).Should().BeEmpty();
    }

    [UnixFact]
    public void Open_LinksInACircleOrToNothing_AreTheSystemsToRefuse()
    {
        File.CreateSymbolicLink(_folder.File("circle"), "circle");
        File.CreateSymbolicLink(_folder.File("nowhere"), "nothing");

        FluentActions.Invoking(() => RegularFile.Open(_folder.File("circle")).Dispose()).Should().Throw<IOException>();
        FluentActions.Invoking(() => RegularFile.Open(_folder.File("nowhere")).Dispose()).Should().Throw<FileNotFoundException>();
    }
}
