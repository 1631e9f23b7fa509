using Llama2.Server;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
string modelPath = builder.Configuration["model"] ?? throw new InvalidOperationException("Start with --model FILE.");
string keyPath = builder.Configuration["keys"] ?? throw new InvalidOperationException("Start with --keys FILE.");
builder.Services.AddLlama(modelPath).WarmUpOnStart();
builder.Services.AddLlamaApiKeys(new LlamaApiKeyOptions { Path = keyPath });
builder.Services.AddLlamaConnectionLimits();

WebApplication app = builder.Build();
app.MapLlama(new LlamaServerOptions
{
    RequestsPerMinute = 60,
    TokensPerMinute = 20_000,
    MaxContextTokenCount = 2048,
    RequestTimeout = TimeSpan.FromMinutes(10),
});
app.Run();
