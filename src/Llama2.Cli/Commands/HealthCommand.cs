using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using static System.FormattableString;

namespace Llama2.Cli.Commands;

/// <summary>
/// <c>llama2 health</c>: asks a server whether it is ready. It is the health check of containers whose image has neither a shell nor a program such as curl.
/// </summary>
internal sealed class HealthCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 health
          llama2 health http://127.0.0.1:9000
          llama2 health http://127.0.0.1:8080/llama && echo ready
        """;

    private const string DefaultAddress = "http://127.0.0.1:8080";
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(5);

    private readonly Argument<Uri?> _address = new("URL")
    {
        Description = $"The server's address, with the prefix of its routes if it has one. Default: {DefaultAddress}.",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = Parse,
    };

    public Command Create()
    {
        var command = new Command("health", "Asks a running server whether its models can be used; exits with 0 if they can, otherwise with 1.") { _address };
        command.SetAction(RunAsync);
        return command;
    }

    private static Uri? Parse(ArgumentResult result)
    {
        if (Suggestion.RefuseOption(result))
            return null;
        string text = result.Tokens[0].Value;
        // Without a scheme, the text must have a port: .NET would take the number 8080 for the address 0.0.31.144.
        string url = text.Contains(':', StringComparison.Ordinal) && !text.Contains("://", StringComparison.Ordinal) ? $"http://{text}" : text;
        if (Uri.TryCreate(url, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https")
            return Reachable(address);
        result.AddError($"'{PrintableText.Shorten(text, 80)}' is not the address of a server; write {DefaultAddress}.");
        return null;
    }

    // A server that listens on 0.0.0.0 or :: listens on all addresses of its machine; these two cannot be connected to.
    private static Uri Reachable(Uri address) =>
        !IPAddress.TryParse(address.Host, out IPAddress? host) ? address
        : host.Equals(IPAddress.Any) ? new UriBuilder(address) { Host = "127.0.0.1" }.Uri
        : host.Equals(IPAddress.IPv6Any) ? new UriBuilder(address) { Host = "[::1]" }.Uri
        : address;

    // The clients of OpenAI's protocol need /v1 in the address, but the health check does not have it.
    private static string Remedy(Uri address, HttpStatusCode status) =>
        status == HttpStatusCode.NotFound && address.AbsolutePath.TrimEnd('/').EndsWith("/v1", StringComparison.Ordinal) ? " Leave out /v1." : "";

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        Uri address = result.GetValue(_address) ?? new Uri(DefaultAddress);
        using var client = new HttpClient { Timeout = s_timeout };
        try
        {
            using HttpResponseMessage response = await client.GetAsync(
                new Uri($"{address.GetLeftPart(UriPartial.Path).TrimEnd('/')}/health/ready"), HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.OK)
                throw new CommandException(Invariant($"The server at {address} is not ready: it answers with the status {(int)response.StatusCode}.{Remedy(address, response.StatusCode)}"));
        }
        catch (HttpRequestException exception)
        {
            throw new CommandException($"There is no answer from {address}: {exception.Message}", exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandException(Invariant($"There is no answer from {address} within {s_timeout.TotalSeconds:0} s."), exception);
        }

        host.Output.WriteLine("ready");
        return ExitCodes.Success;
    }
}
