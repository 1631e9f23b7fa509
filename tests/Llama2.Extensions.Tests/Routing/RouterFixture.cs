using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Llama2.Extensions.Tests.Routing;

/// <summary>Three small models with different weights, and routers over them with a clock that moves only when it is advanced.</summary>
public sealed class RouterFixture : IDisposable
{
    public static readonly string[] Names = ["red", "green", "blue"];
    private readonly TemporaryFolder _folder = new();

    public RouterFixture()
    {
        // The models differ in width, so that no two take the same memory.
        for (int i = 0; i < Names.Length; i++)
            RandomModel.Write(PathOf(Names[i]), new ModelShape(256 + 256 * i, 2, 4, 2, 512, 128), ModelQuantization.Q4_0);
    }

    public string PathOf(string name) => _folder.File($"{name}-model.gguf");

    public void Dispose() => _folder.Dispose();

    internal ServiceProvider CreateServices(ManualTimeProvider clock, Action<LlamaRouterOptions>? configure = null, ILoggerFactory? log = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(clock);
        if (log is not null)
            services.AddSingleton(log);
        services.AddLlamaRouter(options =>
        {
            foreach (string name in Names)
                options.Models[name] = new LlamaOptions { ModelPath = PathOf(name), ThreadCount = 1 };
            configure?.Invoke(options);
        });
        return services.BuildServiceProvider();
    }

    /// <summary>The memory that a router reserves for a model with the default options.</summary>
    internal long ByteSizeOf(string name, int contextCount = 2)
    {
        LlamaMemoryEstimate estimate = LlamaModel.EstimateMemory(PathOf(name), new LlamaModelOptions { ThreadCount = 1 });
        return estimate.WeightByteSize + estimate.ActivationByteSize + Math.Max(1 << 20, contextCount * estimate.ContextByteSize);
    }

    /// <summary>Gives a router as much memory as these models take together.</summary>
    internal Action<LlamaRouterOptions> Budget(params string[] names) => options => options.MemoryByteSize = names.Sum(name => ByteSizeOf(name));

    /// <summary>The names of the models that are in memory.</summary>
    internal static string[] LoadedBy(LlamaRouter router) => [.. router.Models.Where(model => model.IsLoaded).Select(model => model.Name)];

    /// <summary>A request that ends at once. The clock is advanced, so that no two requests come at the same time.</summary>
    internal static async Task UseAsync(LlamaRouter router, string name, ManualTimeProvider clock)
    {
        (await router.RentAsync(name)).Dispose();
        clock.Advance(TimeSpan.FromTicks(1));
    }

    internal static async Task WaitUntilAsync(Func<bool> condition)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            TimeProvider.System.GetElapsedTime(start).Should().BeLessThan(TimeSpan.FromMinutes(1), "the condition comes true");
            await Task.Yield();
        }
    }

    /// <summary>What a model generates first for a prompt, computed without a router.</summary>
    internal async Task<string> AnswerOfAsync(string name, string prompt)
    {
        using var model = LlamaModel.Load(PathOf(name), new LlamaModelOptions { ThreadCount = 1 });
        return await AskAsync(model, prompt);
    }

    internal static async Task<string> AskAsync(ILlamaModel model, string prompt) =>
        (await model.GenerateTextAsync(prompt, new GenerationOptions { MaxTokens = 4, Temperature = 0 })).Text;
}
