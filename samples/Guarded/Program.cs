using System.Runtime.CompilerServices;
using Llama2.Guard;
using Microsoft.Extensions.AI;

// A chat over HTTP whose questions and answers are judged: GET /chat?question=… answers as the text is found safe, piece by piece.
WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });

// The rules of this service: names are masked, and there are no ropes in its stories.
var house = new GuardCategory("house", "House Rules");
builder.Services.AddSingleton<IContentGuard>(new RuleGuard(new RuleGuardOptions
{
    BlockLists = [new BlockList(house, "Adam", "Nora") { Action = GuardAction.Mask }, new BlockList(house, "rope", "ropes")],
}));

builder.Services.AddLlama(Path.Combine(AppContext.BaseDirectory, "storyteller-1m-Q8_0.gguf")).WarmUpOnStart()
    .AddChatClient().UseGuard(new GuardOptions { WindowLength = 40, OverlapLength = 20, Refusal = "[withheld]" });

WebApplication app = builder.Build();
app.MapGet("/chat", (string question, IChatClient client, CancellationToken cancellationToken) => TypedResults.ServerSentEvents(AnswerAsync(client, question, cancellationToken)));
await app.RunAsync(builder.Configuration["Urls"] ?? "http://127.0.0.1:5081");

static async IAsyncEnumerable<string> AnswerAsync(IChatClient client, string question, [EnumeratorCancellation] CancellationToken cancellationToken)
{
    var options = new ChatOptions { Temperature = 0, MaxOutputTokens = 200 };
    await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(question, options, cancellationToken))
    {
        if (update.Text.Length > 0)
        {
            yield return update.Text;
        }

        if (update.FinishReason == ChatFinishReason.ContentFilter)
        {
            yield return $"[{update.AdditionalProperties?[GuardProperties.Stage]}: {update.AdditionalProperties?[GuardProperties.Reasons]}]";
        }
    }
}
