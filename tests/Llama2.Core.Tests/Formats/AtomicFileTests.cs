using Llama2.Formats;

namespace Llama2.Tests.Formats;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [UnixFact]
    public void Commit_LinkToAFile_ReplacesWhatItLeadsToAndKeepsTheLink()
    {
        string file = _folder.File("file"), link = _folder.File("link"), chain = _folder.File("chain");
        File.WriteAllText(file, "old");
        File.CreateSymbolicLink(link, "file");
        File.CreateSymbolicLink(chain, link);

        Write(chain);

        File.ReadAllText(file).Should().Be("new");
        new FileInfo(file).LinkTarget.Should().BeNull();
        new FileInfo(link).LinkTarget.Should().Be("file");
        new FileInfo(chain).LinkTarget.Should().Be(link);
        _folder.Names.Should().BeEquivalentTo("file", "link", "chain");
    }

    [UnixFact]
    public void Commit_LinkThatLeadsNowhere_MakesTheFile()
    {
        File.CreateSymbolicLink(_folder.File("link"), "file");

        Write(_folder.File("link"));

        File.ReadAllText(_folder.File("file")).Should().Be("new");
        new FileInfo(_folder.File("link")).LinkTarget.Should().Be("file");
    }

    // The target ../file of elsewhere/link is relative to the real folder, not to the link that leads to this folder.
    [UnixFact]
    public void Commit_RelativeLinkInALinkedFolder_LeadsWhereTheSystemSays()
    {
        string real = Directory.CreateDirectory(_folder.File("real/inner")).FullName;
        File.CreateSymbolicLink(Path.Combine(real, "link"), "../file");
        Directory.CreateSymbolicLink(_folder.File("elsewhere"), real);
        File.WriteAllText(_folder.File("real/file"), "old");

        Write(_folder.File("elsewhere/link"));

        File.ReadAllText(_folder.File("real/file")).Should().Be("new");
        File.Exists(_folder.File("file")).Should().BeFalse();
    }

    [UnixFact]
    public void Constructor_LinksInACircle_AreRefused()
    {
        File.CreateSymbolicLink(_folder.File("a"), "b");
        File.CreateSymbolicLink(_folder.File("b"), "a");

        Invoking(() => new AtomicFile(_folder.File("a"))).Should().Throw<IOException>().WithMessage("*circle*");
        _folder.Names.Should().BeEquivalentTo("a", "b");
    }

    [UnixFact]
    public void Constructor_LinkToAFolder_IsRefused()
    {
        Directory.CreateDirectory(_folder.File("folder"));
        Directory.CreateSymbolicLink(_folder.File("link"), "folder");

        Invoking(() => new AtomicFile(_folder.File("link"))).Should().Throw<IOException>().WithMessage("*link' is a folder*");
        Invoking(() => new AtomicFile(_folder.File("folder"))).Should().Throw<IOException>().WithMessage("*folder' is a folder*");
    }

    [UnixFact]
    public void Constructor_LinkToADevice_IsRefused()
    {
        File.CreateSymbolicLink(_folder.File("link"), "/dev/null");
        File.CreateSymbolicLink(_folder.File("chain"), "link");

        // The path itself is not a symbolic link, but its folder, or one above that, is.
        Directory.CreateSymbolicLink(_folder.File("devices"), "/dev");
        Directory.CreateSymbolicLink(_folder.File("root"), "/");
        foreach (string path in (string[])[_folder.File("link"), _folder.File("chain"), "/dev/null", "/dev/stdout", _folder.File("devices/null"), _folder.File("devices/new"), _folder.File("root/dev/null")])
            Invoking(() => new AtomicFile(path)).Should().Throw<IOException>().WithMessage("*is a device*");
    }

    // The link has the name of a temporary file of this target and is not locked, like a file left by a killed process.
    [UnixFact]
    public void Constructor_LinkThatLooksLikeALeftTemporaryFile_IsNeitherFollowedNorDeleted()
    {
        string planted = _folder.File($"file.{Guid.NewGuid():N}.tmp"), abandoned = _folder.File($"file.{Guid.NewGuid():N}.tmp");
        File.WriteAllText(_folder.File("precious"), "precious");
        File.CreateSymbolicLink(planted, "precious");
        File.WriteAllText(abandoned, "abandoned");

        Write(_folder.File("file"));

        File.ReadAllText(_folder.File("precious")).Should().Be("precious");
        _folder.Names.Should().BeEquivalentTo("precious", "file", Path.GetFileName(planted));
    }

    [UnixFact]
    public void AtomicFolder_LinkToAnEmptyFolderOrToNone_MakesWhatItLeadsTo()
    {
        Directory.CreateDirectory(_folder.File("empty"));
        foreach (string name in (string[])["empty", "none"])
        {
            string link = _folder.File("link-to-" + name);
            Directory.CreateSymbolicLink(link, name);

            using (var folder = new AtomicFolder(link + "/"))
            {
                folder.Write("file", stream => stream.WriteByte(1));
                folder.Commit();
            }

            File.ReadAllBytes(Path.Combine(_folder.File(name), "file")).Should().Equal(1);
            new FileInfo(link).LinkTarget.Should().Be(name);
            Invoking(() => new AtomicFolder(link)).Should().Throw<IOException>().WithMessage("*exists already*");
        }

        Directory.GetFileSystemEntries(_folder.Path).Should().HaveCount(4);
    }

    // A name may have 255 characters, and the temporary name has 37 more than the target's.
    [UnixFact]
    public void Constructor_NameTooLongForTheTemporaryOne_NamesTheTarget()
    {
        string target = _folder.File(new string('a', 230));

        Invoking(() => new AtomicFile(target)).Should().Throw<PathTooLongException>().WithMessage($"'{target}' cannot be written: its name is too long*37 characters more*shorten the name.");
    }

    [UnixFact]
    public void Commit_ReplacingIsRefused_NamesTheTarget()
    {
        string target = _folder.File("target");
        using var file = new AtomicFile(target);
        Directory.CreateDirectory(Path.Combine(target, "full"));

        Invoking(file.Commit).Should().Throw<Exception>().WithMessage($"*'{target}'*").Which.Message.Should().NotContain(".tmp");
    }

    [UnixFact]
    public void Convert_TargetIsALinkToTheSource_IsRefused()
    {
        string source = _folder.File("model.gguf"), link = _folder.File("link.gguf");
        File.WriteAllBytes(source, TinyModel.Build());
        File.CreateSymbolicLink(link, "model.gguf");

        Invoking(() => ModelConverter.Convert(source, link)).Should().Throw<ArgumentException>().WithMessage("*is the source itself*");
        Invoking(() => ModelQuantizer.Quantize(link, source, ModelQuantization.Q8_0)).Should().Throw<ArgumentException>();
    }

    private static void Write(string path)
    {
        using var file = new AtomicFile(path);
        file.Stream.Write("new"u8);
        file.Commit();
    }

    private static Action Invoking(Func<object> create) => () => (create() as IDisposable)?.Dispose();

    private static Action Invoking(Action action) => action;
}
