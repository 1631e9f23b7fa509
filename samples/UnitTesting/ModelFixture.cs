using Llama2;
using Llama2.Extensions;
using Microsoft.Extensions.AI;

namespace UnitTesting;

/// <summary>One model for all tests: it is loaded once, and serves any number of tests at the same time.</summary>
public sealed class ModelFixture : IDisposable
{
    private readonly LlamaModel _model = LlamaModel.Load(Path.Combine(AppContext.BaseDirectory, "storyteller-1m-Q8_0.gguf"));

    public ModelFixture() => Client = new LlamaChatClient(_model);

    public ILlamaModel Model => _model;

    public IChatClient Client { get; }

    public void Dispose()
    {
        Client.Dispose();
        _model.Dispose();
    }
}
