using System.Net.Sockets;
using System.Text;

namespace Llama2.Cli.Serving;

/// <summary>Tells systemd the state of this process, as services of <c>Type=notify</c> do (the manual page sd_notify(3)).</summary>
internal static class SystemdNotification
{
    /// <summary>The environment variable with the socket. It is absent if systemd has not started this process.</summary>
    public const string SocketVariable = "NOTIFY_SOCKET";

    public const string Ready = "READY=1";

    public const string Stopping = "STOPPING=1";

    /// <summary>Sends a state. A failure is ignored: systemd then waits for the state until its own time limit, and reports that.</summary>
    /// <param name="socketPath">The path of the socket; a leading @ means that it is not in the file system. Nothing is sent if the path is null or empty.</param>
    /// <param name="state">The state.</param>
    public static void Send(string? socketPath, string state)
    {
        if (string.IsNullOrEmpty(socketPath) || !Socket.OSSupportsUnixDomainSockets || OperatingSystem.IsWindows())
            return;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(socketPath[0] == '@' ? $"\0{socketPath[1..]}" : socketPath));
            socket.Send(Encoding.UTF8.GetBytes(state));
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            // Nobody listens on this path, or the path is not valid.
        }
    }
}
