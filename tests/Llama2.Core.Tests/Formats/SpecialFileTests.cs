using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Llama2.Formats;

namespace Llama2.Tests.Formats;

public sealed class SpecialFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Is_FilesFoldersAndNothing_AreNot()
    {
        string empty = _folder.File("empty");
        File.WriteAllBytes(empty, []);
        File.WriteAllText(_folder.File("file"), "text");

        foreach (string path in (string[])[empty, _folder.File("file"), _folder.File("none"), _folder.Path])
            SpecialFile.Is(path).Should().BeFalse(path);
        using (new FileStream(empty, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            FluentActions.Invoking(() => SpecialFile.Is(empty)).Should().NotThrow();
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public void Is_EmptyFileThatMayNotBeRead_IsNot()
    {
        string path = _folder.File("empty");
        File.WriteAllBytes(path, []);
        File.SetUnixFileMode(path, UnixFileMode.None);

        SpecialFile.Is(path).Should().BeFalse();
    }

    [UnixFact]
    public void Resolve_Pipe_IsRefusedAndLeftAsItIs() => ShouldBeRefused(Pipe());

    [UnixFact]
    public void Resolve_LinkToAPipe_IsRefused()
    {
        Pipe();
        File.CreateSymbolicLink(_folder.File("link"), "pipe");

        FluentActions.Invoking(() => new AtomicFile(_folder.File("link"))).Should().Throw<IOException>().WithMessage("*link' is a device or a stream*");
    }

    [UnixFact]
    public void Resolve_Socket_IsRefusedAndLeftAsItIs()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_folder.File("socket")));

        ShouldBeRefused(_folder.File("socket"));
    }

    // The devices themselves, under names outside /dev: their type is checked, not the folder that contains them.
    [DeviceTheory]
    [InlineData("c", 1, 3)]
    [InlineData("c", 1, 5)]
    [InlineData("c", 1, 7)]
    [InlineData("b", 7, 250)]
    public void Resolve_DeviceOutsideDev_IsRefusedAndLeftAsItIs(string type, int major, int minor)
    {
        using Process process = Process.Start("mknod", [_folder.File("device"), type, $"{major}", $"{minor}"]);
        process.WaitForExit();

        ShouldBeRefused(_folder.File("device"));
    }

    [Fact]
    public void Resolve_EmptyFile_IsReplaced()
    {
        string path = _folder.File("empty");
        File.WriteAllBytes(path, []);

        using (var file = new AtomicFile(path))
        {
            file.Stream.Write("text"u8);
            file.Commit();
        }

        File.ReadAllText(path).Should().Be("text");
    }

    private void ShouldBeRefused(string path)
    {
        SpecialFile.Is(path).Should().BeTrue();
        FluentActions.Invoking(() => new AtomicFile(path)).Should().Throw<IOException>().WithMessage($"'{path}' is a device or a stream*");
        FluentActions.Invoking(() => new AtomicFolder(path)).Should().Throw<IOException>().WithMessage($"'{path}' is a device or a stream*");
        SpecialFile.Is(path).Should().BeTrue();
        Directory.GetFileSystemEntries(_folder.Path).Should().Equal(path);
    }

    private string Pipe()
    {
        string path = _folder.File("pipe");
        using Process process = Process.Start("mkfifo", path);
        process.WaitForExit();
        return path;
    }
}
