using System.CommandLine;
using System.CommandLine.Parsing;
using Llama2.Cli.Terminal;
using Llama2.Server;

namespace Llama2.Cli.Options;

/// <summary>The options of a server that limit what its clients may do, in the order in which the help lists them.</summary>
internal sealed class ServerLimitOptions
{
    private const string OriginName = "--origin";
    private static readonly LlamaServerOptions s_defaults = new();

    private readonly Option<int?> _requestsPerMinute = NumberOption.Create<int>(
        "--requests-per-minute", "N", "The requests that a client may send per minute. A client is a key or, without keys, an address. Default: no limit.",
        count => new LlamaServerOptions { RequestsPerMinute = count });

    private readonly Option<int?> _tokensPerMinute = NumberOption.Create<int>(
        "--tokens-per-minute", "N", "The tokens of prompts and answers together that a client may use per minute. Default: no limit.",
        count => new LlamaServerOptions { TokensPerMinute = count });

    private readonly Option<int?> _maxActive = NumberOption.Create<int>(
        "--max-active", "N", "The maximum number of requests that the server answers at the same time, including those that wait; further ones are answered with the status 429.",
        count => new LlamaServerOptions { MaxActiveRequestCount = count }, s_defaults.MaxActiveRequestCount);

    private readonly Option<int?> _maxRequestTokens = NumberOption.Create<int>(
        "--max-request-tokens", "N", "The maximum number of tokens of a prompt and its answer together. Default: the model's context.",
        count => new LlamaServerOptions { MaxContextTokenCount = count });

    private readonly Option<TimeSpan?> _requestTimeout = DurationOption.Create(
        "--request-timeout", "The time in which a request must be answered, including its wait for a model.", "no limit", "from 1 millisecond to 24 hours",
        time => new LlamaServerOptions { RequestTimeout = time });

    private readonly Option<TimeSpan?> _bodyTimeout = DurationOption.Create(
        "--body-timeout", "The time in which the body of a request must arrive.", DurationOption.Format(s_defaults.BodyTimeout), "from 1 millisecond to 24 hours",
        time => new LlamaServerOptions { BodyTimeout = time });

    private readonly Option<string[]> _origins = new(OriginName)
    {
        Description = "An origin whose web pages may use the server, such as https://app.example (CORS), or * for all. May be given several times.",
        HelpName = "ORIGIN",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    public ServerLimitOptions() => _origins.Validators.Add(CheckOrigins);

    public IReadOnlyList<Option> All => [_requestsPerMinute, _tokensPerMinute, _maxActive, _maxRequestTokens, _requestTimeout, _bodyTimeout, _origins];

    public LlamaServerOptions Read(ParseResult result) => new()
    {
        RequestsPerMinute = result.GetValue(_requestsPerMinute),
        TokensPerMinute = result.GetValue(_tokensPerMinute),
        MaxActiveRequestCount = result.GetRequiredValue(_maxActive)!.Value,
        MaxContextTokenCount = result.GetValue(_maxRequestTokens),
        RequestTimeout = result.GetValue(_requestTimeout),
        BodyTimeout = result.GetValue(_bodyTimeout) ?? s_defaults.BodyTimeout,
        AllowedOrigins = result.GetValue(_origins) ?? [],
    };

    private static void CheckOrigins(OptionResult result)
    {
        try
        {
            _ = new LlamaServerOptions { AllowedOrigins = [.. result.Tokens.Select(token => token.Value)] };
        }
        catch (ArgumentException exception)
        {
            result.AddError($"{OriginName}: {ErrorSentence.Of(exception)}");
        }
    }
}
