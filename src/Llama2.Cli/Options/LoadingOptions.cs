using System.CommandLine;

namespace Llama2.Cli.Options;

/// <summary>The options for loading a model that generates text, in the order in which the help lists them.</summary>
/// <param name="hasPanelFile">Whether the options for a panel file are among them.</param>
internal sealed class LoadingOptions(bool hasPanelFile = true)
{
    private readonly Option<int?> _context = ModelLoading.ContextOption();
    private readonly Option<RopeScaling?> _ropeScaling = RopeScalingOption.Create();
    private readonly Option<KeyValueCacheType?> _cacheType = ModelLoading.CacheTypeOption();
    private readonly Option<int?> _threads = ModelLoading.ThreadsOption();
    private readonly Option<string?> _draft = ModelLoading.DraftOption();
    private readonly Option<int?> _draftLength = ModelLoading.DraftLengthOption();
    private readonly PanelFileOptions? _panelFile = hasPanelFile ? new() : null;

    public IReadOnlyList<Option> All => [_context, _ropeScaling, _cacheType, _threads, _draft, _draftLength, .. _panelFile?.All ?? []];

    /// <summary>The options with a number, for <see cref="OptionFault.HasAny"/>.</summary>
    public IReadOnlyList<Option<int?>> Numbers => [_context, _threads, _draftLength];

    public LlamaModelOptions Read(ParseResult result)
    {
        var options = new LlamaModelOptions
        {
            ContextLength = result.GetValue(_context),
            RopeScaling = result.GetValue(_ropeScaling),
            KeyValueCacheType = result.GetValue(_cacheType),
            ThreadCount = result.GetValue(_threads),
            DraftModel = result.GetValue(_draft),
            Speculation = new SpeculationOptions { MaxDraftLength = result.GetRequiredValue(_draftLength)!.Value },
        };
        return _panelFile?.AddTo(options, result) ?? options;
    }
}
