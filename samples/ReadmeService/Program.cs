using Microsoft.Extensions.AI;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddLlama(builder.Configuration["model"] ?? throw new InvalidOperationException("Start with --model FILE.")).WarmUpOnStart().AddChatClient().UseOpenTelemetry();
builder.Services.AddHealthChecks().AddLlama();

WebApplication app = builder.Build();
app.MapHealthChecks("/health");
app.MapGet("/ask", async (string question, IChatClient client) => (await client.GetResponseAsync(question)).Text);
app.Run();
