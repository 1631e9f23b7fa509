using System.CommandLine;
using System.Net;
using Llama2.Cli.Output;

namespace Llama2.Cli.Options;

/// <summary><c>--host</c>: the address at which a server listens.</summary>
internal static class HostOption
{
    private const string Name = "--host";

    public static Option<IPAddress> Create() => new(Name)
    {
        HelpName = "ADDRESS",
        Description = "The IP address at which the server listens: 0.0.0.0 or :: for all addresses of this machine. Default: 127.0.0.1, which only this machine can reach.",
        DefaultValueFactory = _ => IPAddress.Loopback,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (TryParse(text) is { } address)
                return address;
            result.AddError($"{Name}: '{PrintableText.Shorten(text, 60)}' is not an IP address; write 127.0.0.1 for this machine only, or 0.0.0.0 or :: for all addresses.");
            return null;
        },
    };

    // .NET also takes short forms such as 1 for 0.0.0.1, which are more likely mistakes.
    private static IPAddress? TryParse(string text) =>
        text.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback
        : IPAddress.TryParse(text, out IPAddress? address) && (text.Contains(':', StringComparison.Ordinal) || text.Count(character => character == '.') == 3) ? address
        : null;
}
