WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddLlama(builder.Configuration["model"]!).WarmUpOnStart();

WebApplication app = builder.Build();
app.MapLlama();
app.Run();
