using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Llama2.Extensions.Tests.Routing;

public sealed class LlamaRouterOptionsTests(RouterFixture fixture) : IClassFixture<RouterFixture>
{
    [Theory]
    [InlineData("Models:red:ModelPath", "missing.gguf", "*Models['red'].ModelPath is 'missing.gguf'*")]
    [InlineData("Models:red:ContextLength", "0", "*Models['red'].ContextLength*")]
    [InlineData("Aliases:a", "purple", "*Aliases['a'] is 'purple'; it must be one of*")]
    [InlineData("Aliases:red", "red", "*Aliases['red']: an alias must not be*")]
    [InlineData("DefaultModel", "purple", "*DefaultModel is 'purple'*")]
    [InlineData("MemoryByteSize", "1000", "*MemoryByteSize is 1000; it must be 1,048,576*")]
    [InlineData("ContextCount", "0", "*ContextCount is 0; it must be from 1 to 64*")]
    [InlineData("IdleTime", "00:00:00", "*IdleTime is 00:00:00; it must be from 1 millisecond to 30 days*")]
    [InlineData("RoomTimeout", "31.00:00:00", "*RoomTimeout is 31.00:00:00*")]
    public async Task InvalidOption_StopsTheHostAtItsStart_AndNamesTheProperty(string property, string value, string message)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new("Models:red:ModelPath", fixture.PathOf("red"))]);
        builder.Configuration[property] = value;
        builder.Services.AddLlamaRouter(options => { });
        builder.Services.AddOptions<LlamaRouterOptions>().Bind(builder.Configuration);
        using IHost host = builder.Build();

        await host.Invoking(it => it.StartAsync()).Should().ThrowAsync<OptionsValidationException>().WithMessage(message);
    }

    [Fact]
    public async Task Section_ConfiguresTheRouter()
    {
        IConfigurationRoot configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Router:Models:red:ModelPath"] = fixture.PathOf("red"),
            ["Router:Models:red:ThreadCount"] = "1",
            ["Router:Aliases:rot"] = "red",
            ["Router:MemoryByteSize"] = "100000000",
            ["Router:IdleTime"] = "00:10:00",
        }).Build();
        await using ServiceProvider services = new ServiceCollection().AddLlamaRouter(configuration.GetSection("Router")).BuildServiceProvider();
        var router = services.GetRequiredService<LlamaRouter>();

        using LlamaModelLease lease = await router.RentAsync("rot");

        lease.Name.Should().Be("red");
        router.MemoryByteSize.Should().Be(100_000_000);
        services.GetRequiredService<IOptions<LlamaRouterOptions>>().Value.IdleTime.Should().Be(TimeSpan.FromMinutes(10));
    }
}
