using Countersign.Server.Features.Messaging.Messages.Gateways;
using Countersign.Server.Http;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Features.Messaging.Messages.Receipts;

/// <summary>Where a gateway sends receipts: made from settings, never from the host name of a request.</summary>
internal sealed class ReceiptAddresses(IOptions<SiteOptions> site)
{
    public string Of(GatewayOptions gateway, string handle) =>
        (gateway.ReceiptsUrl.Length > 0 ? gateway.ReceiptsUrl : site.Value.PublicUrl).TrimEnd('/')
            + $"/gateways/{gateway.Id}/receipts/{handle}";
}
