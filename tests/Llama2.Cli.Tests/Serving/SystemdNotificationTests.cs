using System.Net.Sockets;
using System.Text;
using Llama2.Cli.Serving;
using Llama2.Tests;

namespace Llama2.Cli.Tests.Serving;

public sealed class SystemdNotificationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [LinuxTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Send_Socket_ReceivesTheState(bool isAbstract)
    {
        string name = $"llama2-{Guid.NewGuid():N}", path = isAbstract ? $"@{name}" : _folder.File("notify");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(isAbstract ? $"\0{name}" : path));

        SystemdNotification.Send(path, SystemdNotification.Ready);

        byte[] buffer = new byte[64];
        int count = socket.Receive(buffer);
        Encoding.UTF8.GetString(buffer, 0, count).Should().Be("READY=1");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/no/such/socket")]
    [InlineData("@no-such-socket-of-llama2")]
    public void Send_NobodyListens_IsIgnored(string? path) =>
        FluentActions.Invoking(() => SystemdNotification.Send(path, SystemdNotification.Stopping)).Should().NotThrow();

    [Fact]
    public void Send_PathThatIsTooLong_IsIgnored() =>
        FluentActions.Invoking(() => SystemdNotification.Send("/" + new string('a', 300), SystemdNotification.Stopping)).Should().NotThrow();
}
