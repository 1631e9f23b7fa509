using Llama2;
using Llama2.Extensions;
using Llama2.Server;

// The settings are in the program's folder, wherever the program is started from.
WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.Services.AddLlama(builder.Configuration.GetSection("Llama")).WarmUpOnStart();

// So is a model with a relative path.
builder.Services.PostConfigure<LlamaOptions>(llama => llama.ModelPath = Path.Combine(AppContext.BaseDirectory, llama.ModelPath));

WebApplication app = builder.Build();
app.MapLlama(new LlamaServerOptions
{
    MaxBodyByteSize = 1 << 20,
    MaxChoiceCount = 4,
    Generation = new GenerationOptions
    {
        MaxTokens = builder.Configuration.GetValue<int>("Chat:MaxOutputTokens"),
        Temperature = builder.Configuration.GetValue<float>("Chat:Temperature"),
    },
    // Nobody can learn from a faster answer that another user asked the same: each user has a prefix scope, and each request without a user has one of its own.
    PrefixScope = context => new LlamaServerOptions().PrefixScope(context) ?? $"request {Guid.NewGuid()}",
    // A response is found only by requests of its scope. A scope that ends with its request would fill the memory with responses that nobody finds.
    MaxStoredResponseCount = 0,
});
await app.RunAsync();
