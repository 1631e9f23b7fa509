using Llama2.Extensions.Routing;
using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Llama2.Extensions.Tests.Routing;

public sealed class RouterWarmUpTests
{
    [Fact]
    public async Task LoadOnStart_NamesAndAliases_AreLoadedAndTheOthersNot()
    {
        using IHost host = Build(options =>
        {
            options.Models["a"] = new LlamaOptions { ModelPath = DemonstrationModel.Path };
            options.Models["b"] = new LlamaOptions { ModelPath = DemonstrationModel.Path };
            options.Models["c"] = new LlamaOptions { ModelPath = DemonstrationModel.Path };
            options.Aliases["d"] = "c";
            options.LoadOnStart.Add("a");
            options.LoadOnStart.Add("d");
        });
        var warmUp = host.Services.GetRequiredService<RouterWarmUp>();
        warmUp.IsDone.Should().BeFalse();

        await host.StartAsync();
        await warmUp.ExecuteTask!;

        warmUp.IsDone.Should().BeTrue();
        warmUp.Fault.Should().BeNull();
        host.Services.GetRequiredService<LlamaRouter>().Models.Where(model => model.IsLoaded).Select(model => model.Name).Should().Equal("a", "c");
        await host.StopAsync();
    }

    [Fact]
    public async Task LoadOnStart_ModelThatCannotBeLoaded_IsAFault()
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.gguf");
        await File.WriteAllTextAsync(path, "no model");
        try
        {
            using IHost host = Build(options =>
            {
                options.Models["a"] = new LlamaOptions { ModelPath = path };
                options.LoadOnStart.Add("a");
            });
            var warmUp = host.Services.GetRequiredService<RouterWarmUp>();
            await host.StartAsync();

            await FluentActions.Awaiting(() => warmUp.ExecuteTask!).Should().ThrowAsync<LlamaException>();

            warmUp.IsDone.Should().BeFalse();
            warmUp.Fault.Should().BeAssignableTo<LlamaException>();
            await host.StopAsync();
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task LoadOnStart_UnknownName_StopsTheHostAtItsStart()
    {
        using IHost host = Build(options =>
        {
            options.Models["a"] = new LlamaOptions { ModelPath = DemonstrationModel.Path };
            options.LoadOnStart.Add("b");
        });

        (await host.Awaiting(it => it.StartAsync()).Should().ThrowAsync<OptionsValidationException>()).WithMessage("*LoadOnStart has 'b'*");
    }

    private static IHost Build(Action<LlamaRouterOptions> configure)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.Configure<HostOptions>(options => options.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.Ignore);
        builder.Services.AddLlamaRouter(configure);
        return builder.Build();
    }
}
