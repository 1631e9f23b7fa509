using System.CommandLine;

namespace Llama2.Cli.Options;

/// <summary>The options for loading a model that generates text, in the order in which the help lists them.</summary>
internal sealed class LoadingOptions
{
    private readonly Option<int?> _context = ModelLoading.ContextOption();
    private readonly Option<RopeScaling?> _ropeScaling = RopeScalingOption.Create();
    private readonly Option<KeyValueCacheType?> _cacheType = ModelLoading.CacheTypeOption();
    private readonly Option<int?> _threads = ModelLoading.ThreadsOption();

    public IReadOnlyList<Option> All => [_context, _ropeScaling, _cacheType, _threads];

    /// <summary>The options with a number, for <see cref="OptionFault.HasAny"/>.</summary>
    public IReadOnlyList<Option<int?>> Numbers => [_context, _threads];

    public LlamaModelOptions Read(ParseResult result) => new()
    {
        ContextLength = result.GetValue(_context),
        RopeScaling = result.GetValue(_ropeScaling),
        KeyValueCacheType = result.GetValue(_cacheType),
        ThreadCount = result.GetValue(_threads),
    };
}
