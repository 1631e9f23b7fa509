using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Json;
using Llama2;
using Llama2.Extensions;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using WebApi;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddLlama(builder.Configuration.GetSection("Llama")).WarmUpOnStart().AddChatClient();
builder.Services.AddHealthChecks().AddLlama();
builder.Services.Configure<ChatOptions>(builder.Configuration.GetSection("Chat"));

// A relative path is relative to the program's folder, wherever the program is started from.
builder.Services.PostConfigure<LlamaOptions>(llama => llama.ModelPath = Path.Combine(AppContext.BaseDirectory, llama.ModelPath));

// A body that breaks the rules of ChatRequest is refused before the handler sees it.
builder.Services.AddValidation();
builder.Services.AddProblemDetails(options => options.CustomizeProblemDetails = problem =>
{
    if (problem.Exception is { } exception && StatusOf(exception) < 500)
        problem.ProblemDetails.Detail = exception.Message;
});

WebApplication app = builder.Build();
app.UseStatusCodePages();
app.UseExceptionHandler(new ExceptionHandlerOptions
{
    StatusCodeSelector = StatusOf,
    // A refused request is answered with its reason; only a fault of the service is logged, with its stack trace.
    SuppressDiagnosticsCallback = context => StatusOf(context.Exception) != StatusCodes.Status500InternalServerError,
});

// The answer is 503 until the model is loaded and has generated a token.
app.MapHealthChecks("/health");

// When the client disconnects, the cancellation token is cancelled, which ends the generation.
app.MapPost("/chat", (ChatRequest request, ClaimsPrincipal user, IChatClient client, IOptions<ChatOptions> options, CancellationToken cancellationToken) =>
{
    IEnumerable<ChatMessage> messages = request.Messages.Select(turn => new ChatMessage(new ChatRole(turn.Role), turn.Text));
    return TypedResults.ServerSentEvents(Parts(client.GetStreamingResponseAsync(messages, For(user, options.Value), cancellationToken)));
});

await app.RunAsync();

// Each user has a prefix scope, so nobody can learn from a faster answer that another user has asked the same question. With authentication, only the new
// tokens of a user's later turns are computed; without it, each request counts as another user.
static ChatOptions For(ClaimsPrincipal user, ChatOptions options)
{
    ChatOptions own = options.Clone();
    own.AdditionalProperties ??= [];
    own.AdditionalProperties[nameof(GenerationOptions.PrefixScope)] =
        user.FindFirst(ClaimTypes.NameIdentifier) is { } id ? $"user {Digest(id)}" : $"request {Guid.NewGuid()}";
    return own;
}

// The scope includes the issuer, because two issuers may give different users the same id. It is a digest, because an id may be longer than a scope.
static string Digest(Claim id) => Convert.ToHexString(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes<string[]>([id.Issuer, id.Value])));

static int StatusOf(Exception exception) => exception switch
{
    BadHttpRequestException fault => fault.StatusCode,
    // The conversation is longer than the context, or its roles are in an order that the model's prompt format does not support.
    ContextLengthException or PromptFormatException or PromptTemplateException => StatusCodes.Status400BadRequest,
    // The client has not read its answer for minutes.
    ReaderIdleException => StatusCodes.Status408RequestTimeout,
    // There is no room for another call now; the same request may succeed later.
    LlamaBusyException or LlamaMemoryException => StatusCodes.Status503ServiceUnavailable,
    _ => StatusCodes.Status500InternalServerError,
};

// An error before the answer begins is reported by the HTTP status. Once the answer has begun, an event is the only way to report an error.
static async IAsyncEnumerable<AnswerPart> Parts(IAsyncEnumerable<ChatResponseUpdate> updates)
{
    await using IAsyncEnumerator<ChatResponseUpdate> enumerator = updates.GetAsyncEnumerator();
    bool hasBegun = false, hasFailed = false;
    while (!hasFailed)
    {
        AnswerPart part;
        try
        {
            if (!await enumerator.MoveNextAsync())
                break;
            part = new AnswerPart(enumerator.Current.Text, enumerator.Current.FinishReason?.Value);
        }
        catch (LlamaException exception) when (hasBegun && StatusOf(exception) != StatusCodes.Status500InternalServerError)
        {
            part = new AnswerPart("", "error", exception.Message);
            hasFailed = true;
        }

        if (part.Text.Length > 0 || part.FinishReason is not null)
        {
            hasBegun = true;
            yield return part;
        }
    }
}
