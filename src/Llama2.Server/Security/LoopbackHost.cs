using System.Net;

namespace Llama2.Server.Security;

/// <summary>The names of this machine that no name server can change.</summary>
internal static class LoopbackHost
{
    public static IReadOnlyList<string> Names { get; } = ["localhost", "127.0.0.1", "[::1]"];

    /// <summary>Whether a server with this address can be reached only from this machine.</summary>
    /// <param name="url">An address such as <c>http://localhost:8080</c>. A host such as <c>*</c> or <c>0.0.0.0</c> means all addresses of the machine.</param>
    /// <exception cref="ArgumentException">It is not an address.</exception>
    public static bool IsHostOf(string url)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException exception)
        {
            throw new ArgumentException($"'{url}' is not an address such as http://127.0.0.1:8080.", nameof(url), exception);
        }

        return address.IsUnixPipe || address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(address.Host.Trim('[', ']'), out IPAddress? host) && IPAddress.IsLoopback(host));
    }
}
