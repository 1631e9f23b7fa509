namespace Llama2.Formats.MetaCheckpoint;

/// <summary>The globals that a pickle of tensors needs, all that there are here. None is code: each stands for what the reader itself does.</summary>
internal enum PickleGlobal
{
    /// <summary><c>collections.OrderedDict</c>: called without arguments, an empty dictionary.</summary>
    OrderedDict,

    /// <summary><c>torch._utils._rebuild_tensor_v2</c>: a tensor over a storage.</summary>
    RebuildTensor,

    /// <summary><c>torch._utils._rebuild_parameter</c>: the tensor that it is given.</summary>
    RebuildParameter,

    /// <summary><c>torch.FloatStorage</c>: names a storage's type, and is never called.</summary>
    FloatStorage,

    /// <summary><c>torch.HalfStorage</c>.</summary>
    HalfStorage,

    /// <summary><c>torch.BFloat16Storage</c>.</summary>
    BFloat16Storage,
}
