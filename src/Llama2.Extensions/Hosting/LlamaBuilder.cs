using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Extensions.Hosting;

/// <inheritdoc cref="ILlamaBuilder"/>
internal sealed class LlamaBuilder(string name, IServiceCollection services) : ILlamaBuilder
{
    public string Name => name;

    public IServiceCollection Services => services;
}
