using System.Data.Common;

namespace Countersign.Server.Data.Protection;

/// <summary>Tells a fault that passes from what will never be different: who takes one for the other loses what is in order.</summary>
internal static class PassingFault
{
    /// <summary>
    /// The database is away, or this node's key file is not complete. At whatever depth: saving wraps it, so does reading the key ring,
    /// and so does EF Core where it takes a fault for a passing one.
    /// </summary>
    public static bool Is(Exception? exception) =>
        exception is DbException or MasterKeyMissingException || (exception is not null && Is(exception.InnerException));
}
