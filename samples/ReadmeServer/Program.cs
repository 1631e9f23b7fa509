WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddLlama(builder.Configuration["model"] ?? throw new InvalidOperationException("Start with --model FILE.")).WarmUpOnStart();

WebApplication app = builder.Build();
app.MapLlama();
app.Run();
